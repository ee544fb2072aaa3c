// What Python answers on Paper, answered in the browser: another panel with its claim, which was recorded, another axis,
// and the way to a model. Training a curve needs Python.
export default createAnswers;

function createAnswers(host) {
  function panel(name) {
    const [title, text] = host.known.claims[name], claim = host.main.querySelector(".claim");
    claim.querySelector("h1").innerHTML = title;
    claim.querySelector("p").innerHTML = text;
    host.update("figures", { at: name });
  }

  return {
    figures: { panel, axis: (axis) => host.update("figures", { axis }) },
    models: { open: (key) => host.go("manifold", key) },
  };
}
