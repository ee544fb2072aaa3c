import math
import sys

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vae_core.model.likelihoods import bernoulli
from vae_core.model.vae import build
from vae_core.settings import ModelSettings
from vae_core.training.evaluate import evaluate, independent_pixels, scores, summary


@pytest.fixture(scope="module")
def vae():
    return build(ModelSettings(latent_dim=3, encoder=(16,), decoder=(16,)), (28, 28), torch.Generator().manual_seed(0))


def test_the_terms_are_those_of_torch_distributions(vae, digits):
    x = digits.observed("test", range(50))
    s = scores(vae, x, samples=400)
    q = vae.posterior(x)
    torch.testing.assert_close(s.kl, kl_divergence(Normal(q.mean, q.stddev), Normal(0.0, 1.0)), atol=1e-5, rtol=1e-4)
    z = q.mean + q.stddev * torch.randn(400, 50, 3, generator=torch.Generator().manual_seed(9))
    log_px = Independent(Bernoulli(logits=vae.decoder(z)), 1).log_prob(x)
    error = (log_px.var(0) / 400 + s.noise_variance / 400).sqrt()
    assert ((s.reconstruction - log_px.mean(0)).abs() < 5 * error).all()


def test_the_report_sums_up(vae, digits):
    r = evaluate(vae, digits.test)
    assert r.images == 200
    assert math.isclose(r.elbo, r.reconstruction - r.kl, abs_tol=1e-4)
    assert math.isclose(r.kl, sum(r.kl_per_dimension), abs_tol=1e-6)
    assert 0 < r.elbo_mc < r.elbo_se


def test_the_same_seed_gives_the_same_report_and_chunks_do_not_matter(vae, digits, monkeypatch):
    first = evaluate(vae, digits.test)
    assert evaluate(vae, digits.test) == first
    module = sys.modules["vae_core.training.evaluate"]
    monkeypatch.setattr(module, "CHUNK", 200)
    whole = scores(vae, digits.observed("test", range(200)))
    monkeypatch.setattr(module, "CHUNK", 7)
    pieces = scores(vae, digits.observed("test", range(200)))
    torch.testing.assert_close(whole.kl, pieces.kl)
    torch.testing.assert_close(whole.reconstruction, pieces.reconstruction)


def test_the_monte_carlo_error_is_the_spread_over_seeds(vae, digits):
    x = digits.observed("test", range(100))
    with torch.no_grad():
        reports = [summary(scores(vae, x, samples=4, seed=seed), 4) for seed in range(60)]
    spread = torch.tensor([r.elbo for r in reports]).std().item()
    assert spread == pytest.approx(sum(r.elbo_mc for r in reports) / 60, rel=0.3)


def test_a_unit_is_active_when_its_code_moves_by_more_than_a_tenth(digits):
    """Var > 0.01 over the images: one dimension scaled above it, one below, one constant."""
    vae = build(ModelSettings(latent_dim=3, encoder=(), decoder=(4,)), (28, 28), torch.Generator().manual_seed(0))
    x = digits.observed("test", range(200))
    with torch.no_grad():
        spread = vae.code(x).std(0)
        for j, target in enumerate((0.11, 0.09, 0.0)):
            vae.encoder.mean.weight[j] *= target / spread[j]
    assert summary(scores(vae, x), 16).active_units == 1


def test_a_collapsed_model_at_the_data_mean_scores_what_independent_pixels_score(digits):
    collapsed = build(ModelSettings(encoder=(4,), decoder=(4,)), (28, 28), torch.Generator().manual_seed(0))
    mean = (digits.train.double().mean(0) / 255).clamp(1e-6, 1 - 1e-6)
    with torch.no_grad():
        for layer in (collapsed.encoder[2], collapsed.decoder[2]):
            layer.weight.zero_()
            layer.bias.zero_()
        collapsed.decoder[2].bias.copy_(mean.logit())
    report = evaluate(collapsed, digits.test)
    assert report.kl == pytest.approx(0, abs=1e-9)
    assert report.elbo == pytest.approx(independent_pixels(digits), abs=1e-3)
    assert report.active_units == 0


def test_an_autoencoder_reports_a_reconstruction_and_nothing_it_does_not_have(digits):
    model = ModelSettings(encoder=(16,), decoder=(16,), stochastic=False)
    ae = build(model, (28, 28), torch.Generator().manual_seed(0))
    assert ae.likelihood is bernoulli
    r = evaluate(ae, digits.test)
    assert r.reconstruction < 0
    assert (r.elbo, r.kl, r.active_units) == (None, None, None)


def test_mnist_at_the_independent_pixel_line(mnist):
    assert independent_pixels(mnist) == pytest.approx(-205.8, abs=0.5)


def test_strokes_at_the_independent_pixel_line_is_above_uniform_pixels(digits):
    assert -784 * math.log(2) < independent_pixels(digits) < -100
