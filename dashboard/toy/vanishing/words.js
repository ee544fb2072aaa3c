// What is said of the gap at a sigma.
import { number } from "../../shared/js/canvas.js";

const nats = (kl) => (kl < 0.0005 ? "less than 0.001" : number(kl, kl < 0.1 ? 3 : 2));

export function claimOf({ decoder, q, sigma }) {
  if (decoder === "straight") return "A straight decoder has a Gaussian posterior: no gap, whatever the noise";
  if (decoder === "folded") return "Two codes for one image: without noise the gap does not vanish, it goes to ln 2";
  return `At noise σ = ${sigma} the best Gaussian q costs ${nats(q.kl)} nats; as σ goes to 0, nothing`;
}

export function inWords({ decoder, image, sigma, q }) {
  const facts = `One code z ~ N(0, 1), one pixel x = f(z) + σ ε. Of the image x = ${image} the nearest q(z|x) is `
    + `N(${number(q.mean, 3)}, ${number(q.stddev, 3)}²) and log p(x) = ${number(q.log_px, 2)}: `
    + `the evidence lower bound (ELBO) is ${nats(q.kl)} nats below it.`;
  const why = {
    straight: "The product of two Gaussians is one. This is the linear-Gaussian world above, with one dimension.",
    bent: `With little noise the posterior is so narrow that f is a straight line across it. How narrow it has to be depends on
      how f bends: at x = 1.5 f is nearly flat. With much noise x says nothing, the posterior is the prior, and that is Gaussian too.`,
    folded: `f(z) = z² gives z and −z the same image, so the posterior has two equal bumps. One Gaussian takes one of them and
      misses half of the probability: ln 2 nats. Doersch’s proof needs an f that can be inverted.`,
  }[decoder];
  return `${facts} ${why}${decoder === "bent" && sigma <= 0.02 ? " <b>Make σ still smaller and the gap falls as σ².</b>" : ""}`;
}
