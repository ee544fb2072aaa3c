"""The ELBO page as Python sees it: its numbers against independent sums, and what the address does."""

import base64
from functools import partial

import numpy as np
import pytest
import torch

from dashboard.elbo import headline as elbo_headline
from dashboard.elbo.bound import bound
from dashboard.elbo.draws import draws
from dashboard.elbo.equation import equation
from dashboard.elbo.points import points
from dashboard.shared import formatting, image_bound, model_view
from dashboard.shared.image_picker import source
from tests.pages import visiting
from tests.pages.visiting import words
from tests.server import ROOT
from tests.small_models import publish
from vae_core.inference import expectations, variational_refinement
from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.gaussians import DiagonalGaussian, log_standard_normal
from vae_core.runs.store import bundled

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.reached, "elbo/elbo.py")
MODELS = ROOT / "assets" / "models"


def subjects(model, count: int) -> list[image_bound.BoundInputs]:
    return [image_bound.bound_inputs(model, source.prior_sample(model, seed).x) for seed in range(count)]


def plain_sums(model, x, q) -> tuple[float, float, float]:
    """log p(x), reconstruction and KL(q || p(z|x)) by plain sums over one fine grid each: no code of the product."""
    vae = model_view.network(model)
    line = torch.arange(-8, 8, 0.04, dtype=torch.float64) + 0.02
    z = torch.cartesian_prod(line, line)
    with torch.no_grad():
        log_px = torch.cat(
            [vae.observed(part.float()).log_prob(torch.from_numpy(x)).sum(-1).double() for part in z.split(4096)]
        )
        joint = log_px + log_standard_normal(z)
        evidence = joint.logsumexp(0) + 2 * np.log(0.04)
        mean, sigma = torch.tensor(q[:2], dtype=torch.float64), torch.tensor(q[2:], dtype=torch.float64)
        eps = torch.cartesian_prod(*[torch.arange(-6, 6.05, 0.1, dtype=torch.float64)] * 2)
        weight = (-eps.square().sum(-1) / 2).exp()
        weight, z = weight / weight.sum(), mean + sigma * eps
        log_px = vae.observed(z.float()).log_prob(torch.from_numpy(x)).sum(-1).double()
        log_q = log_standard_normal(eps) - sigma.log().sum()
        gap = (weight * (log_q - log_px - log_standard_normal(z))).sum() + evidence
    return evidence.item(), (weight * log_px).sum().item(), gap.item()


def test_reconstruction_kl_gap_and_evidence_are_what_plain_sums_give_and_add_up(two):
    for s in subjects(two, 4):
        q = image_bound.encoder(s)
        known, found = image_bound.exact(s), image_bound.bound(s, q)
        evidence, reconstruction, gap = plain_sums(two, s.x, q)
        assert known.log_px == pytest.approx(evidence, abs=2e-3)
        assert found.reconstruction == pytest.approx(reconstruction, abs=2e-3)
        assert found.gap == pytest.approx(gap, abs=2e-3)
        assert found.elbo + found.gap == pytest.approx(known.log_px, abs=2e-3)


def test_pixels_and_dimensions_sum_to_the_totals(two):
    (s,) = subjects(two, 1)
    q = (0.7, -0.3, 0.2, 1.4)
    found = image_bound.bound(s, q)
    assert found.pixels.sum(dtype=np.float64) == pytest.approx(found.reconstruction, abs=1e-4)
    normal = torch.distributions.Normal(torch.tensor(q[:2]), torch.tensor(q[2:]))
    kl = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0, 1))
    parts = [mu + sigma for mu, sigma in zip(found.kl_mu, found.kl_sigma, strict=True)]
    assert parts == pytest.approx(kl.tolist(), abs=1e-5)
    assert found.kl == pytest.approx(kl.sum().item(), abs=1e-4)
    assert min(found.kl_mu + found.kl_sigma) >= 0


def test_q_improves_and_log_p_stays(two):
    for s in subjects(two, 3):
        known, climb = image_bound.exact(s), image_bound.refinement(s, (1.5, -1.5, 0.5, 0.5))
        elbos = [row["elbo"] for row in climb.rows]
        assert elbos == sorted(elbos)
        assert [row["log_px"] for row in climb.rows] == pytest.approx([known.log_px] * len(climb.rows), abs=2e-3)
        assert climb.summit["gap"] >= -1e-4
        assert climb.summit["gap"] <= climb.rows[-1]["gap"] + 1e-6
        assert len(climb.path) == 41


@pytest.mark.long
def test_twenty_test_images_of_mnist_2d_add_up_and_their_q_improves(mnist, monkeypatch):
    """The gap is the grid's KL, never a difference, so that the two sides of the identity come from different sums."""
    monkeypatch.setattr("vae_core.runs.store.ASSETS", MODELS)
    model = model_view.model(bundled().get("mnist-2d"))
    for x in mnist.observed("test", range(20)).numpy():
        s = image_bound.bound_inputs(model, x)
        known, found = image_bound.exact(s), image_bound.bound(s, image_bound.encoder(s))
        assert found.reconstruction - found.kl + found.gap == pytest.approx(known.log_px, abs=2e-3)
        assert found.pixels.sum(dtype=np.float64) == pytest.approx(found.reconstruction, abs=1e-4)
        climb = image_bound.refinement(s, image_bound.encoder(s))
        elbos = [row["elbo"] for row in climb.rows]
        assert min(np.diff(elbos)) >= -1e-3
        assert climb.summit["gap"] >= -1e-4
        assert [row["elbo"] + row["gap"] for row in climb.rows] == pytest.approx([known.log_px] * len(elbos), abs=2e-3)


def test_the_best_of_ten_dimensions_is_best_on_the_draws_that_measure_it(mnist, monkeypatch):
    """The steps climb on 64 draws of the noise and end up fitting them: the best q is judged by other draws."""
    monkeypatch.setattr("vae_core.runs.store.ASSETS", MODELS)
    model, later_steps_lose = model_view.model(bundled().get("mnist-10d")), 0
    noise = image_bound.measuring(10, summed=False).noise
    for x in mnist.observed("test", range(12)).numpy():
        s = image_bound.bound_inputs(model, x)
        climb = image_bound.refinement(s, image_bound.encoder(s))
        assert climb.summit["elbo"] == max(row["elbo"] for row in climb.rows)
        later_steps_lose += climb.rows[-1]["elbo"] < climb.summit["elbo"]
        best = image_bound.gaussian(climb.best)
        with torch.no_grad():
            z = best.mean + best.stddev * noise
            log_px = model_view.network(model).observed(z).log_prob(s.pixels).double().sum(-1)[:, 0]
        kl = torch.distributions.kl_divergence(best, torch.distributions.Normal(0.0, 1.0)).sum().item()
        assert climb.summit["elbo"] == pytest.approx(log_px.mean().item() - kl, abs=1e-3)
        error = log_px.reshape(2, -1).mean(0).std().item() / 250**0.5
        assert climb.summit["error"] == pytest.approx(error, rel=1e-3)
    assert later_steps_lose > 0, "the control: on some images the last step is not the best"
    own = image_bound.refinement(s, (0.5,) * 20)
    assert own.summit["elbo"] >= max(climb.summit["elbo"], *(row["elbo"] for row in own.rows))


def test_another_q_gives_another_bound_but_the_same_evidence(two):
    (s,) = subjects(two, 1)
    near, far = image_bound.bound(s, image_bound.encoder(s)), image_bound.bound(s, (3.0, 3.0, 0.1, 0.1))
    assert far.elbo < near.elbo - 1
    assert far.elbo + far.gap == pytest.approx(near.elbo + near.gap, abs=2e-3)


@pytest.mark.parametrize(("depth", "said"), [(3.0, "the encoder picked the wrong mode"), (0.0, "wrong position")])
def test_the_wrong_mode_is_said_where_a_valley_lies_between(two, monkeypatch, depth, said):
    monkeypatch.setattr(image_bound, "valley", lambda s, a, b: depth)
    (s,) = subjects(two, 1)
    here, there = image_bound.encoder(s), (*(value + 3 for value in image_bound.encoder(s)[:2]), 0.3, 0.3)
    gap = image_bound.bound(s, here).gap
    rows = [{"gap": gap, "elbo": 0.0, "log_px": 0.0}, {"gap": 12.0, "elbo": 0.0, "log_px": 0.0}]
    climb = image_bound.Refinement([here], rows, there, {"gap": 0.1, "elbo": 1.0, "log_px": 0.0})
    assert said in elbo_headline.fault(s, here, climb, gap)
    near = climb._replace(rows=[rows[0], {"gap": 0.1, "elbo": 1.0, "log_px": 0.0}])
    assert "wrong position" in elbo_headline.fault(s, here, near, gap)


def test_a_valley_is_measured_between_two_hills_and_not_on_one(two):
    (s,) = subjects(two, 1)
    mode = image_bound.exact(s).mode
    near = (mode[0] + 0.01, mode[1], 1.0, 1.0)
    assert image_bound.valley(s, (*mode, 1.0, 1.0), near) < 1e-3
    vae, here = model_view.network(two), torch.tensor(mode)
    ridge = torch.stack([here + t * torch.tensor([6.0, 0.0]) for t in torch.linspace(0, 1, 33)])
    with torch.no_grad():
        height = vae.observed(ridge).log_prob(s.pixels).sum(-1) + log_standard_normal(ridge)
    depth = (min(height[0], height[-1]) - height.min()).item()
    assert image_bound.valley(s, (*mode, 1.0, 1.0), (mode[0] + 6, mode[1], 1.0, 1.0)) == pytest.approx(depth, abs=1e-3)


def test_the_picture_holds_the_posterior_and_q(two):
    (s,) = subjects(two, 1)
    start = image_bound.encoder(s)
    data = bound.picture(s, start, "0", None)
    field = np.frombuffer(base64.b64decode(data["known"]["field"]), "<f4").reshape(image_bound.CELLS, image_bound.CELLS)
    (left, right), (low, high) = data["known"]["box"]
    row, column = np.unravel_index(field.argmax(), field.shape)
    z = torch.tensor(
        [
            left + (column + 0.5) / image_bound.CELLS * (right - left),
            low + (row + 0.5) / image_bound.CELLS * (high - low),
        ]
    )
    vae = model_view.network(two)
    with torch.no_grad():
        joint = vae.observed(z).log_prob(torch.from_numpy(s.x)).sum(-1) + log_standard_normal(z)
    assert joint.item() == pytest.approx(field.max(), abs=2e-3), "row 0 is the smallest z2"
    for d, (near, far) in enumerate(data["view"]):
        assert near < start[d] < far
        assert near < z[d] < far


def test_the_view_is_as_wide_as_the_posterior_and_as_high():
    side = image_bound.CELLS
    field = np.full((side, side), -100.0)
    field[5:7, 4:30] = 0.0  # row: z2, column: z1
    known = image_bound.Exact(-1.0, True, "", field.reshape(-1), [(0.0, side), (10.0, 10.0 + side)], [0, 0])
    (left, right), (low, high) = bound.view(known, [(10.0, 16.0, 0.1, 0.1)], 2)
    assert (left, right) == pytest.approx((4 - 0.06 * 26, 30 + 0.06 * 26))
    assert (low, high) == pytest.approx((15 - 0.06 * 2, 17 + 0.06 * 2))


def test_the_view_holds_every_q_of_a_path(two):
    (s,) = subjects(two, 1)
    far = (2.9, -3.1, 0.5, 0.4)
    climb = image_bound.refinement(s, far)
    for q in (far, *climb.path, climb.best):
        for d, (low, high) in enumerate(bound.picture(s, far, "5", climb)["view"]):
            assert low < q[d] - q[2 + d] < q[d] + q[2 + d] < high


def test_the_equation_gets_the_same_numbers_as_the_figures(two):
    (s,) = subjects(two, 1)
    picture = bound.picture(s, image_bound.encoder(s), "0", None)
    shown = equation.shown(picture)
    assert set(shown["numbers"]) == {"reconstruction", "kl", "elbo", "gap"}
    assert shown["numbers"]["elbo"] + shown["numbers"]["gap"] == pytest.approx(shown["logPx"], abs=2e-3)


def test_the_row_best_is_never_worse_than_another_in_any_digit_that_is_shown(mnist, monkeypatch):
    """Test image 0 in ten dimensions, where the steps go on over their own draws and lose over those that measure."""
    monkeypatch.setattr("vae_core.runs.store.ASSETS", MODELS)
    model = model_view.model(bundled().get("mnist-10d"))
    s = image_bound.bound_inputs(model, mnist.observed("test", 0).numpy()[0])
    climb = image_bound.refinement(s, image_bound.encoder(s))
    *rows, best = bound.table(s, climb, own=False)
    assert rows[-1]["elbo"] < best["elbo"], "the control: the last step is not the best"
    for row in rows:
        assert (round(row["elbo"], 2), -round(row["gap"], 2)) <= (round(best["elbo"], 2), -round(best["gap"], 2))
    assert "500 other draws" in bound.remark(s, climb, own=False)


def test_more_dimensions_get_an_importance_bound_and_never_log_p(cache):
    model = model_view.model(publish(cache, "ten", latent_dim=10, activation="tanh"))
    (s,) = subjects(model, 1)
    known, q = image_bound.exact(s), image_bound.bound(s, image_bound.encoder(s))
    assert not known.exact
    assert "effective" in known.error
    assert known.log_joint is None
    headline, explanation = elbo_headline.claim(s, q, None, "encoder", "image")
    assert f"loses about {formatting.measured(q.gap, q.gap_error)} nats" in headline
    assert "±" in headline
    assert "importance bound" in explanation


def test_one_dimension_is_summed_over_its_line(cache):
    model = model_view.model(publish(cache, "one", latent_dim=1, activation="tanh"))
    (s,) = subjects(model, 1)
    found, known = image_bound.bound(s, image_bound.encoder(s)), image_bound.exact(s)
    assert found.elbo + found.gap == pytest.approx(known.log_px, abs=2e-3)
    assert image_bound.refinement(s, image_bound.encoder(s)).summit["gap"] >= -1e-4


def test_the_same_numbers_come_from_the_grid_itself(two):
    (s,) = subjects(two, 1)
    x, q = torch.from_numpy(s.x)[None], image_bound.encoder(s)
    grid = LatentGrid(model_view.network(two))
    guess = DiagonalGaussian(torch.tensor([q[:2]]), 2 * torch.tensor([q[2:]]).log())
    assert image_bound.exact(s).log_px == pytest.approx(grid.log_px(x).item(), abs=1e-6)
    with torch.no_grad():
        plain = variational_refinement.bound(model_view.network(two), x, guess, expectations.lattice(2, 0.125)).value
    assert image_bound.bound(s, q).gap == pytest.approx((grid.log_px(x) - plain).item(), abs=1e-4)


def test_the_tries_from_the_prior_are_those_of_the_exact_posterior_whatever_q_is(two):
    (s,) = subjects(two, 1)
    known, line = image_bound.exact(s), torch.arange(-8, 8, 0.04, dtype=torch.float64) + 0.02
    z = torch.cartesian_prod(line, line)
    with torch.no_grad():
        vae, x = model_view.network(two), torch.from_numpy(s.x)
        log_px = torch.cat([vae.observed(part.float()).log_prob(x).sum(-1).double() for part in z.split(4096)])
    weight = (log_px + log_standard_normal(z)).softmax(0)
    kl = (weight * (log_px - known.log_px)).sum().item()
    for q in (image_bound.encoder(s), (3.0, 3.0, 0.1, 0.1)):
        assert draws.posterior_kl(s) == pytest.approx(kl, abs=2e-4)
        assert draws.below(s, q)["priorDraws"] == pytest.approx(np.exp(kl), rel=0.051), "two digits"


def test_a_best_q_from_elsewhere_is_explained(two):
    (s,) = subjects(two, 1)
    q = image_bound.encoder(s)
    rows = [{"gap": 46.79, "elbo": 0.0, "log_px": 0.0}]
    climb = image_bound.Refinement([q], rows, q, {"gap": 0.21, "elbo": 1.0, "log_px": 0.0})
    said = "Gradient steps got stuck in a local optimum; “best” started at the posterior’s own mode."
    assert bound.remark(s, climb, own=False) == said
    assert bound.remark(s, climb._replace(summit={"gap": 46.7, "elbo": 1.0, "log_px": 0.0}), own=False) == ""
    near = climb._replace(
        summit={"gap": image_bound.bound(s, image_bound.track(s, q)[-1]).gap, "elbo": 1.0, "log_px": 0.0}
    )
    assert "the encoder’s guess" in bound.remark(s, near, own=True)


def test_an_encoder_trained_for_another_beta_is_not_blamed_for_its_width(cache, two):
    """The best q for the objective with beta: no neighbour has a higher one, by the grid's own sums."""
    model = model_view.model(publish(cache, "four", activation="tanh", beta=4.0))
    (s,) = subjects(model, 1)
    aim, vae = image_bound.intended(s), model_view.network(model)

    def objective(q):
        mean, sigma = torch.tensor([q[:2]]), torch.tensor([q[2:]])
        with torch.no_grad():
            found = variational_refinement.bound(
                vae, s.pixels, DiagonalGaussian(mean, 2 * sigma.log()), expectations.lattice(2, 0.125)
            )
        return (found.reconstruction - 4 * found.kl).item()

    best = image_bound.refinement(s, image_bound.encoder(s)).best
    assert objective(aim) > objective(best) + 1e-3
    for d in range(4):
        for by in (-0.1, 0.1):  # deviations; of a deviation, the share of itself
            moved = list(aim)
            moved[d] += by * aim[2 + d % 2]
            assert objective(moved) < objective(aim) + 1e-3
    said = bound.picture(s, image_bound.encoder(s), "0", image_bound.refinement(s, image_bound.encoder(s)))[
        "trainedFor"
    ]
    assert said == f"it was trained for β = 4, whose own best q loses {image_bound.bound(s, aim).gap:.2f}."
    (plain,) = subjects(two, 1)
    assert image_bound.intended(plain) is None
    assert bound.trained_for(plain) == ""


def test_only_diagonal_gaussians_have_nothing_left_to_win(two):
    (s,) = subjects(two, 1)
    climb = image_bound.refinement(s, image_bound.encoder(s))
    _, explanation = elbo_headline.claim(s, image_bound.bound(s, climb.best), climb, "best", "image")
    assert "no diagonal Gaussian can recover the rest" in explanation
    assert bound.picture(s, image_bound.encoder(s), "best", climb)["name"] == "best"


@pytest.mark.parametrize("name", ["encoder", "yours", "best"])
def test_of_one_dimension_no_gaussian_is_called_diagonal(cache, name):
    model = model_view.model(publish(cache, "one", latent_dim=1, activation="tanh"))
    (s,) = subjects(model, 1)
    start = image_bound.encoder(s)
    climb = image_bound.refinement(s, start)
    q = image_bound.bound(s, climb.best if name == "best" else start)
    said = " ".join(elbo_headline.claim(s, q, climb, name, "image"))
    assert "Gaussian" in said
    assert "diagonal" not in said


# -- the page ---------------------------------------------------------------------------------------------------------


def test_it_opens_with_a_claim_that_holds_the_number(cache):
    model = model_view.model(publish(cache, "two", activation="tanh"))
    page = opened(model="two", i="prior3")
    s = image_bound.bound_inputs(model, source.prior_sample(model, 3).x)
    gap = image_bound.bound(s, image_bound.encoder(s)).gap
    assert f"loses {gap:.2f}" in words(page) or "all but exact" in words(page)


def test_a_collapsed_posterior_is_no_praise_for_the_encoder(monkeypatch):
    monkeypatch.setattr("vae_core.runs.store.ASSETS", MODELS)
    model = model_view.model(bundled().get("mnist-beta-64"))
    s = image_bound.bound_inputs(model, source.prior_sample(model, 0).x)
    q = image_bound.bound(s, image_bound.encoder(s))
    assert q.kl < elbo_headline.ALMOST
    assert elbo_headline.claim(s, q, None, "encoder", "9")[0] == "The code says nothing about this 9"


def test_without_its_data_the_model_draws_an_image_itself(cache, monkeypatch):
    monkeypatch.setenv("VAE_DATA_DIR", str(cache))
    publish(cache, "two", activation="tanh")
    page = opened(model="two")
    assert "loses" in words(page) or "all but exact" in words(page)
    assert page.query_params["i"] == "prior0"


def test_a_model_that_overflows_shows_no_number(cache, monkeypatch):
    publish(cache, "two", activation="tanh")
    monkeypatch.setattr(image_bound, "finite", lambda known, found: False)
    assert "is not a number" in words(opened(model="two", i="prior3"))


def test_finite_means_every_number():
    known = image_bound.Exact(-1.0, True, "", None, [], None)
    found = image_bound.Bound(-1.0, [0.1], [0.1], 0.3, 0.0, 0.0, np.zeros(4, np.float32), np.zeros(4, np.float32))
    assert image_bound.finite(known, found)
    assert not image_bound.finite(known._replace(log_px=float("nan")), found)
    assert not image_bound.finite(known, found._replace(gap=float("inf")))
    assert not image_bound.finite(known, found._replace(pixels=np.array([np.nan])))


def test_an_autoencoder_has_no_q_and_that_is_said(cache):
    publish(cache, "points", stochastic=False)
    page = opened(model="points")
    assert "It has no q(z|x)" in words(page)


def test_an_autoencoders_pixels_are_scored_at_its_code(cache):
    model = model_view.model(publish(cache, "points", stochastic=False))
    image = source.prior_sample(model, 1)
    data = points.picture(model, image)
    with torch.no_grad():
        p = model_view.network(model).observed(torch.tensor([data["z"]]))
        log_px = p.log_prob(torch.from_numpy(image.x)[None])[0]
    assert np.frombuffer(base64.b64decode(data["numbers"]["pixels"]), "<f4") == pytest.approx(log_px.numpy(), abs=1e-5)
    assert data["numbers"]["reconstruction"] == pytest.approx(log_px.double().sum().item(), abs=1e-4)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"q": "1,2"}, "not a mean and a deviation"),
        ({"q": "0,0,nan,1"}, "not a mean and a deviation"),
        ({"q": "0,0,-1,1"}, "not a mean and a deviation"),
        ({"step": "99"}, "not a number from 0 to 40"),
        ({"step": "<b>"}, "not a number from 0 to 40"),
    ],
)
def test_nonsense_in_the_address_is_said_and_the_encoder_guesses(cache, address, sentence):
    publish(cache, "two", activation="tanh")
    page = opened(model="two", i="prior3", **address)
    assert sentence in words(page)
    assert "<b>" not in words(page).replace("<b>log", "")


def test_the_address_reopens_a_q_made_by_hand(cache):
    publish(cache, "two", activation="tanh")
    page = opened(model="two", i="prior3", q="0.5,0.5,0.3,0.3", step="5")
    assert "This <i>q</i> loses" in words(page)
    assert "Your <i>q</i> loses" in words(opened(model="two", i="prior3", q="0.5,0.5,0.3,0.3"))


def test_with_more_dimensions_the_tries_come_from_draws_that_count(cache):
    model = model_view.model(publish(cache, "calm10", latent_dim=10, strength=1))
    (s,) = subjects(model, 1)
    q = image_bound.encoder(s)
    found = draws.below(s, q)
    assert found["priorDraws"] is None
    guess, weights = found["priorGuess"], draws.weighted(s, q, "mixture")
    assert (guess["draws"], guess["effective"]) == (draws.WEIGHTS, weights.effective_samples.item())
    assert (guess["tries"] is None) == (guess["effective"] < draws.FEWEST)
    few = weights._replace(effective_samples=torch.tensor([draws.FEWEST - 1.0]))
    assert draws.guessed(few)["tries"] is None
    many = weights._replace(effective_samples=torch.tensor([100.0]))
    assert draws.guessed(many)["tries"] == pytest.approx(np.exp(max(0, weights.posterior_kl.item())), rel=0.051)


def test_of_a_collapsed_model_it_says_that_the_code_says_nothing(monkeypatch):
    monkeypatch.setattr("vae_core.runs.store.ASSETS", MODELS)
    model = model_view.model(bundled().get("mnist-beta-64"))
    assert model.collapsed
    assert not model_view.model(bundled().get("mnist-beta-28")).collapsed, "the control"
    image = source.prior_sample(model, 0)
    s = image_bound.bound_inputs(model, image.x)
    q = image_bound.bound(s, image_bound.encoder(s))
    headline, explanation = elbo_headline.claim(s, q, None, "encoder", "image")
    assert headline == "The code says nothing about this image"
    assert "Posterior collapse" in explanation
    assert ("ignores z" in explanation) == (q.gap < 0.1)


def test_the_first_sentence_says_what_an_elbo_is(two):
    first = words(visiting.settled(opened(model="two"))).split("</p>")[0]
    assert "ELBO (evidence lower bound) is a number that log p(x), the evidence, can never be below" in first
