// What Python answers on ELBO: the numbers of each row of the climb. Another image, or a q of one's own that was let go,
// needs Python: while the hand holds q the browser counts by itself, and then it goes back.
export default ({ known: { steps, equation }, update, need, data }) => {
  let shown = data("elbo").step;

  function station(step) {
    shown = step;
    update("equation", equation[step]);
    update("elbo", steps[step]);
  }

  return {
    elbo: {
      more() {}, // it came along
      station,
      q() { station(shown); need(); },
      wish: need,
    },
    draws: { look() {} },
  };
};
