"""Paired differences, what may be subtracted, and linear models beside their closed form."""

import math

import numpy as np
import pytest
import torch

from vae_core.__main__ import main
from vae_core.analysis.model_comparison import beside_closed_form, differ, elbos, measure, paired, points, residual
from vae_core.inference.expectations import lattice
from vae_core.inference.variational_refinement import bound
from vae_core.model.linear_gaussian import fit, measured, pca, principal_angles, principal_autoencoder
from vae_core.model.vae import build
from vae_core.runs.codes import Codes
from vae_core.runs.store import Runs
from vae_core.settings import RunSettings, preset
from vae_core.training.evaluate import scores

f64 = torch.float64


def test_a_paired_difference_is_the_one_sample_test_of_the_differences():
    rng = np.random.default_rng(0)
    a, b = rng.normal(-100, 30, 400), rng.normal(0, 2, 400)
    found = paired(a + b + 0.5, a)
    d = b + 0.5
    assert found.mean == pytest.approx(d.mean())
    assert found.error == pytest.approx(math.sqrt(((d - d.mean()) ** 2).sum() / 399 / 400))
    assert (found.better, found.count) == (int((d > 0).sum()), 400)
    assert found.error < 0.2 * math.hypot(a.std(), a.std()) / 20, "far less than that of two unpaired means"


def test_every_bound_is_what_the_grid_sums_or_lies_within_its_error():
    for dims, activation in ((1, "tanh"), (2, "tanh"), (5, "tanh")):
        fields = {"encoder": (8,), "decoder": (24,), "latent_dim": dims, "activation": activation}
        vae = build(RunSettings().with_fields(**fields).model, (6, 6), torch.Generator().manual_seed(dims))
        with torch.no_grad():
            for weights in vae.decoder.parameters():
                weights.mul_(2)
        x = (torch.rand(30, 36, generator=torch.Generator().manual_seed(0)) < 0.4).float()
        found, error = elbos(vae, x, seed=0)
        if dims <= 2:
            with torch.no_grad():
                expected = bound(vae, x, vae.posterior(x), lattice(dims, 0.125)).value
            assert found.tolist() == pytest.approx(expected.tolist(), abs=5e-3)
            assert error.max() == 0
        else:
            expected = scores(vae, x, 20_000).elbo
            assert ((found - expected).abs() / error).median() < 1.5
            assert ((found - expected).abs() < 5 * error + 0.01).all()
            assert error.min() > 0


def test_other_images_have_no_paired_difference():
    with pytest.raises(ValueError, match="the same images twice, not 3 and 4"):
        paired(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"beta": 4.0, "latent_dim": 20, "encoder": (7,)}, ""),
        ({"stochastic": False}, "an autoencoder has no bound"),
        ({"name": "strokes"}, "MNIST and Strokes are other images"),
        ({"likelihood": "gaussian", "pixels": "dequantised"}, "one scores probabilities of black pixels"),
        ({"pixels": "threshold"}, "dynamic and threshold pixels are other x"),
        ({"split": "random"}, "a standard and a random split"),
    ],
)
def test_bounds_are_subtracted_on_the_same_x_only(changes, reason):
    found = differ(RunSettings(), RunSettings().with_fields(**changes))
    assert found.startswith(reason) if reason else found == ""


def test_principal_angles_are_known_rotations():
    eye = torch.eye(6, dtype=f64)
    small, large = math.radians(1e-6), math.radians(30)
    turned = torch.stack(
        [math.cos(small) * eye[0] + math.sin(small) * eye[2], math.cos(large) * eye[1] + math.sin(large) * eye[3]], 1
    )
    mixed = turned @ torch.tensor([[2.0, -1.0], [0.3, 5.0]], dtype=f64)  # the plane, not its columns
    assert principal_angles(eye[:, :2], mixed).tolist() == pytest.approx([1e-6, 30.0], rel=1e-6)


@pytest.fixture(scope="module")
def grey(digits):
    return torch.cat([digits.train, digits.test]).float() / 255


def test_pca_as_an_autoencoder_leaves_what_numpy_leaves(grey):
    principal = pca(grey)
    found = measured(principal_autoencoder(principal, 3), grey, principal)
    x = grey.double().numpy()
    s = np.linalg.svd(x - x.mean(0), compute_uv=False)
    assert found.residual == pytest.approx((s[3:] ** 2).sum() / len(x), rel=1e-9)
    assert max(found.angles) < 1e-9
    assert (found.log_px, found.elbo, found.turned) == (None, None, None)


def test_the_closed_form_of_the_linear_vae_has_the_likelihood_of_tipping_and_bishop(grey):
    principal, dims = pca(grey), 2
    found = measured(fit(grey, dims).vae(), grey, principal)
    l, X = principal.eigenvalues, grey.shape[1]  # noqa: E741 the paper's letter
    c = l[dims:].sum() / (X - dims)
    log_px = -0.5 * (X * math.log(2 * math.pi) + l[:dims].log().sum() + (X - dims) * c.log() + X)
    assert found.log_px == pytest.approx(log_px.item(), rel=1e-9)
    assert found.elbo == pytest.approx(found.log_px, rel=1e-9)
    assert found.variance == pytest.approx(c.item(), rel=1e-9)
    shrunk = l[dims:].sum() + (c**2 / l[:dims]).sum()  # the posterior's mean stops short of the projection
    assert found.residual == pytest.approx(shrunk.item(), rel=1e-9)
    assert max(found.angles) < 1e-6
    assert max(found.turned) < 1e-4


def test_a_turned_linear_vae_says_by_how_much(grey):
    principal, angle = pca(grey), math.radians(10)
    model = fit(grey, 2)
    rotation = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=f64)
    even = principal.axes[:, :2] @ rotation  # both columns equally long, so that turning them is all there is
    found = measured(model._replace(W=even).vae(), grey, principal)
    assert max(found.angles) < 1e-6
    assert found.turned == pytest.approx([10, 10], rel=1e-6)


def test_squared_error_is_against_the_grey_image_whatever_the_model_sees(digits):
    vae = build(RunSettings().model.replace(encoder=(8,), decoder=(8,)), (28, 28), torch.Generator().manual_seed(0))
    value, error = residual(vae, digits, "dynamic")
    x = digits.observed("test", range(200))
    with torch.no_grad():
        each = (vae.mean(vae.code(x)) - digits.test / 255).square().sum(1)
    assert value == pytest.approx(each.mean().item(), rel=1e-5)
    assert error == pytest.approx((each.std() / math.sqrt(200)).item(), rel=1e-5)


def test_the_codes_of_an_autoencoder_are_draws_without_spread():
    codes = Codes(np.ones((4, 2), np.float32), np.full((4, 2), np.nan, np.float32), None)
    assert (np.exp(points(codes).logvar) == 0).all()


def publish(folder, digits, **changes):
    from vae_core.training.evaluate import scores, summary

    settings = preset("linear", "strokes").with_fields(validation=100, fingerprint="a" * 64, **changes)
    vae = build(settings.model, digits.shape, torch.Generator().manual_seed(0)).eval().requires_grad_(False)
    x = digits.observed("test", range(len(digits.test)), pixels="grey")
    s, runs = scores(vae, x), Runs(folder)
    with runs.draft(settings, folder="linear", shape=digits.shape) as draft:
        draft.publish(vae, summary(s, 16, vae.stochastic), s, digits.test_labels)
    return runs.get("linear")


@pytest.mark.parametrize("stochastic", [True, False])
def test_a_linear_run_is_read_back_and_measured_beside_its_closed_form(tmp_path, digits, stochastic):
    entry = publish(tmp_path, digits, stochastic=stochastic)
    assert np.isnan(entry.codes().logvar).all() == (not stochastic)
    assert entry.codes().logvar.shape == entry.codes().mean.shape
    found = measure(entry, digits)
    assert found.linear["images"] == 500
    x = digits.observed("train", range(500), pixels="grey")
    assert found.linear["best"]["residual"] <= found.linear["model"]["residual"]
    if stochastic:
        assert found.linear["best"]["log_px"] == pytest.approx(fit(x, 2).log_px(x.double()).mean().item())
        assert found.linear["model"]["elbo"] <= found.linear["model"]["log_px"] <= found.linear["best"]["log_px"]


def test_without_images_what_needs_them_stays_unknown(tmp_path, digits):
    found = measure(publish(tmp_path, digits), None)
    assert (found.residual, found.linear) == (None, None)
    assert found.continuity is not None


def test_only_linear_models_of_grey_pixels_have_a_closed_form(tmp_path, digits):
    entry = publish(tmp_path, digits)
    entry = type(entry)(entry.folder, entry.settings.with_fields(beta=4.0), entry.manifest, {})
    assert beside_closed_form(entry, entry.load().vae, digits) is None


def test_the_command_prints_models_beside_each_other(capsys):
    assert main(["compare", "mnist-pca-2d", "mnist-2d"]) == 0
    pca_row, residual_row, *_, vae_row = capsys.readouterr().out.splitlines()[1:]
    assert pca_row.split()[:2] == ["mnist-pca-2d", "-"]
    assert "43.890162, closed form 43.890162" in residual_row
    assert vae_row.split()[:2] == ["mnist-2d", "-130.45"]
    assert main(["compare", "nobody"]) == 2
