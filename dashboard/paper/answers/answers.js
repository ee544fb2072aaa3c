// What Python answers on Paper, answered in the browser: another panel or another axis, each with its claim, which was
// recorded, and the way to a model. Training a curve needs Python.
export default createAnswers;

function createAnswers(host) {
  // `part` is what was chosen: { at }, a panel, or { axis }.
  function show(part) {
    host.update("figures", part);
    const { at, axis } = host.data("figures"), [title, text] = host.known.claims[at][axis], claim = host.main.querySelector(".claim");
    claim.querySelector("h1").innerHTML = title;
    claim.querySelector("p").innerHTML = text;
  }

  const { panel: at, axis } = host.address;
  if (host.known.claims[at]) show({ at });
  if (axis in Object.values(host.known.claims)[0]) show({ axis });
  return {
    figures: { panel: (at) => show({ at }), axis: (axis) => show({ axis }) },
    models: { open: (key) => host.go("manifold", key) },
  };
}
