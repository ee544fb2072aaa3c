// What Python answers on ELBO: the numbers of each row of the climb. Another image, or a q of one's own that was let go,
// needs Python: while the hand holds q the browser counts by itself, and then it goes back.
export default ({ known: { steps, equation }, update, need, data }) => {
  function station(step) {
    if (!steps[step]) return need();
    update("equation", equation[step]);
    update("elbo", steps[step]);
    return undefined;
  }

  return {
    elbo: {
      more() {}, // it came along
      station,
      q() { station(data("elbo").step); need(); },
      wish: need,
    },
    draws: { look() {} },
  };
};
