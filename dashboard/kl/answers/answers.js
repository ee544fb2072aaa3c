// What Python answers on the lecture, answered in the browser: where the links of its article lead. Where the lecture is
// stands in no address here, so nobody has to be told.
export default createAnswers;

function createAnswers(host) {
  const { models, scene, at } = host.data("beta");
  let links = 0;

  const nearest = (beta) => {
    const far = models.map((model) => Math.abs(model.beta - beta));
    return far.indexOf(Math.min(...far));
  };

  function set(text) {
    const asked = new URLSearchParams(text), beta = asked.get("beta");
    const there = { scene: asked.get("scene") ?? scene, at: beta === null ? at : nearest(Number(beta)) };
    host.update("beta", { ...there, nonce: `link ${++links}` });
  }

  return { article: { set }, beta: { place: () => {} } };
}
