// The question of a scene in the page's foot, and its answer: a click away, or there once a clicker has built the scene.
export function createQuestion(root) {
  const $ = (selector) => root.querySelector(selector);
  let about = { ask: "", told: "" }, answered = false;

  // Another scene's stands as a question; the same one stays as it was.
  function show({ ask, told = "" }) {
    if (ask !== about.ask) answered = false;
    about = { ask, told };
    write();
  }

  // Who only follows, and of a question that nothing has measured nobody, has no answer.
  function answer(on) {
    answered = on && about.told !== "";
    write();
  }

  function write() {
    $(".question b").textContent = answered ? "Answer:" : "Ask the room:";
    $(".question span").textContent = answered ? about.told : about.ask;
    $(".question").toggleAttribute("data-answered", answered);
    Object.assign($(".tell"), { hidden: !about.told, textContent: answered ? "question" : "answer" });
  }

  $(".tell").onclick = () => answer(!answered);
  return { show, answer };
}
