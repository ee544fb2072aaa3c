"""A lecture on Kingma & Welling (2014): each line is some minutes long and links to a state of a page."""

PLAN = """
Each link opens a tab of its own, so this plan stays where it is. *Present* fills the screen for a clicker; Escape ends it.

| minutes | open | tell, ask | in the paper |
|---|---|---|---|
| 0 to 5 | [Bayes’ theorem for one image](primer?scene=4) | On a line of codes p(z\\|x) can be summed exactly. Ask: and with 20 dimensions? Nobody can: hence q(z\\|x). | section 2.1 |
| 5 to 12 | [ELBO, chapter 2](elbo?model=mnist-2d) | Drag q over the exact posterior: what the bound lacks to log p(x) is KL(q, p(z\\|x)), and never below 0. | section 2.2, equations 1 to 3 |
| 12 to 15 | [z drawn at random](algorithm?weights=trained&graph=z+drawn+at+random&line=4) | Press *Present*. Ask: how does the encoder learn? The gradient ends at z; the score function goes round it, and is noisy. | section 2.2 |
| 15 to 22 | [z = μ + σ ε](algorithm?weights=random&graph=reparameterised&line=1) | A clicker leads through the six lines. R repeats 50 iterations: the bound rises. | sections 2.3 and 2.4, equations 4 to 8, algorithm 1 |
| 22 to 26 | [Gradients](gradients?model=mnist-2d) | 200 arrows of each estimator for the same image: ask which one you would rather follow. A baseline takes away only what all draws share. | section 2.4 |
| 26 to 30 | [Likelihood](likelihood) | What log p(x\\|z) is for black-and-white and for grey pixels; why the bound of a density may be above 0. | section 3, appendix C |
| 30 to 37 | [KL regularizer](kl?scene=beta&beta=0) | Press *Present*: the clicker moves β from 0 to 1 and on. Without the KL nobody knows where to draw z from. | equation 10, appendix B |
| 37 to 41 | [Figure 2](paper?panel=mnist-10) | AEVB against wake-sleep, the same networks. Then look at what wake-sleep dreams, and at D = 200: ask whether so many dimensions overfit. Its training and test bounds stay together, as in the paper. | section 5, figure 2 |
| 41 to 45 | [Figure 3, by seconds](paper?panel=n-1000&axis=seconds) | Image by image Monte Carlo EM leads at first, and AEVB catches up; by the clock it never leads. End with figures 4 and 5 below. | appendices A, D and E, figures 3 to 5 |
"""  # noqa: E501  a row of a table is one line
