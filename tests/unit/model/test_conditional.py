"""A conditional VAE: what it is given as a class is what one-hot columns beside its input would be."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal
from torch.nn import functional

from tests.own_classes import CROWD, LETTERS, WORDS, labelled, trained_on
from vae_core import LatentGrid, RunSettings, elbo
from vae_core.__main__ import main
from vae_core.analysis.model_comparison import elbos, measure
from vae_core.data.datasets import load_dataset
from vae_core.exchange.archive import packed, received
from vae_core.inference.bound_decomposition import tightness
from vae_core.model.vae import VAE, ConditionalVAE, build
from vae_core.runs.store import Runs, trained
from vae_core.settings import ModelSettings
from vae_core.training.evaluate import scores
from vae_core.training.train import train

CLASSES, SHAPE = 4, (5, 6)
KINDS = {
    "variational": {"encoder": (12, 9), "decoder": (9, 12)},
    "linear": {"encoder": (), "decoder": ()},
    "autoencoder": {"encoder": (12,), "decoder": (12,), "stochastic": False},
    "Gaussian": {"encoder": (12,), "decoder": (12,), "likelihood": "gaussian"},
}
SMALL = RunSettings().with_fields(
    name="strokes", encoder=(16,), decoder=(16,), steps=60, batch=50, validation=100, conditional=True
)


def made(kind: str = "variational", classes: int = CLASSES) -> ConditionalVAE:
    settings = ModelSettings(conditional=True, **KINDS[kind])
    return build(settings, SHAPE, torch.Generator().manual_seed(0), classes).requires_grad_(False)


def images(count: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(1)
    return (torch.rand(count, 30, generator=rng) < 0.4).float(), torch.randint(CLASSES, (count,), generator=rng)


def beside(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """[x; e_y]"""
    return torch.cat([x, functional.one_hot(y, CLASSES).to(x)], -1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_is_the_one_hot_columns_beside_the_input(kind):
    vae, (x, y) = made(kind), images()
    z = torch.randn(6, 2, generator=torch.Generator().manual_seed(2))
    own = vae.given(y)
    torch.testing.assert_close(own.encoder(x), vae.encoder(beside(x, y)), atol=1e-6, rtol=0)
    torch.testing.assert_close(own.decoder(z), vae.decoder(beside(z, y)), atol=1e-6, rtol=0)
    for k in range(CLASSES):
        every, one = torch.full((6,), k), vae.given(k)
        assert type(one) is VAE
        torch.testing.assert_close(one.encoder(x), vae.encoder(beside(x, every)), atol=1e-6, rtol=0)
        torch.testing.assert_close(one.decoder(z), vae.decoder(beside(z, every)), atol=1e-6, rtol=0)


def test_the_first_layer_is_the_formula_of_the_docstring():
    """W [x; e_y] + b, with W cut by hand."""
    vae, (x, _) = made(), images()
    first = vae.encoder[0]
    for y in range(CLASSES):
        expected = x @ first.weight[:, :30].T + first.bias + first.weight[:, 30 + y]
        torch.testing.assert_close(vae.given(y).encoder[0](x), expected, atol=1e-6, rtol=0)


def test_a_model_given_a_class_leaves_the_model_as_it_is_and_shares_its_other_weights():
    vae = made()
    before = {name: weight.clone() for name, weight in vae.state_dict().items()}
    one = vae.given(2)
    assert one.encoder[2].weight is vae.encoder[2].weight
    one.decoder[0].bias.add_(1)
    assert all(torch.equal(weight, vae.state_dict()[name]) for name, weight in before.items())
    assert not torch.equal(vae.given(1).encoder[0].bias, vae.given(2).encoder[0].bias)


def test_any_axes_before_the_images_are_taken():
    vae, (x, y) = made(), images()
    z = torch.randn(3, 6, 2)
    together = vae.given(y).mean(z)
    for draw in range(3):
        for i in range(6):
            torch.testing.assert_close(together[draw, i], vae.given(int(y[i])).mean(z[draw, i]), atol=1e-6, rtol=0)
    noise = torch.randn(3, 6, 2)
    bounds = elbo(vae.given(y), x, noise).value
    for i in range(6):
        alone = elbo(vae.given(int(y[i])), x[i : i + 1], noise[:, i : i + 1]).value
        torch.testing.assert_close(bounds[i : i + 1], alone, atol=1e-4, rtol=0)


def test_log_p_of_x_given_y_is_the_sum_over_the_plane():
    """Midpoints on |z_j| <= 6 by torch.distributions and the concatenated input; no code of the grid's."""
    vae, (x, _) = made(), images(3)
    steps, edge = 240, 6.0
    line = ((torch.arange(steps, dtype=torch.float64) + 0.5) / steps * 2 - 1) * edge
    z = torch.cartesian_prod(line, line)
    exactly = build(ModelSettings(conditional=True, **KINDS["variational"]), SHAPE, torch.Generator(), CLASSES).double()
    exactly.load_state_dict({name: weight.double() for name, weight in vae.state_dict().items()})
    found = []
    for y in range(CLASSES):
        with torch.no_grad():
            logits = exactly.decoder(beside(z, torch.full((len(z),), y)))
        log_joint = (
            Bernoulli(logits=logits[:, None]).log_prob(x.double()).sum(-1) + Normal(0, 1).log_prob(z).sum(-1)[:, None]
        )
        expected = log_joint.logsumexp(0) + 2 * math.log(2 * edge / steps)
        found.append(LatentGrid(vae.given(y)).log_px(x))
        torch.testing.assert_close(found[-1], expected, atol=1e-3, rtol=0)
    assert (found[0] - found[1]).abs().max() > 0.01, "the control: another class is another model"


def test_bound_and_gap_add_up_to_log_p_of_x_given_y():
    vae, (x, y) = made(), images()
    bounds, _ = elbos(vae, x, 0, y)
    for i in range(len(x)):
        one, image = vae.given(int(y[i])), x[i : i + 1]
        found = tightness(one, one.posterior(image), image, LatentGrid(one).log_px(image))
        assert found.elbo.item() == pytest.approx(bounds[i].item(), abs=5e-3)
        assert found.elbo.item() + found.gap.item() == pytest.approx(found.log_px.item(), abs=5e-3)


def test_scores_take_each_image_with_its_own_class():
    vae, (x, y) = made(), images()
    together = scores(vae, x, 4, labels=y)
    for i in range(len(x)):
        assert together.mean[i].tolist() == pytest.approx(vae.given(int(y[i])).code(x[i : i + 1])[0].tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda vae: vae.posterior(images()[0]), "choose one with vae.given"),
        (lambda vae: vae.mean(torch.zeros(1, 2)), "choose one with vae.given"),
        (lambda vae: vae.code(images()[0]), "choose one with vae.given"),
        (lambda vae: scores(vae, images()[0]), "choose one with vae.given"),
        (lambda vae: vae.given(CLASSES), "There is no class 4: they are 0 to 3."),
        (lambda vae: vae.given(-1), "There is no class -1"),
        (lambda vae: vae.given(torch.tensor([0, 9])), "There is no class 9"),
        (lambda _: ModelSettings(conditional=True, network="conv"), "leave conditional out or use network=mlp"),
        (lambda _: build(ModelSettings(conditional=True), SHAPE, torch.Generator()), "images with labels"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(ask, said):
    with pytest.raises(ValueError, match=said):
        ask(made())


def test_a_model_that_knows_no_classes_is_the_same_given_any():
    plain = build(ModelSettings(), (28, 28), torch.Generator())
    assert plain.given(3) is plain.given(None) is plain


def test_older_keys_stay():
    assert "conditional" not in RunSettings().canonical()
    assert RunSettings().with_fields(conditional=True).key() != RunSettings().key()


# -- training ----------------------------------------------------------------------------------------------------------


def last(settings, dataset, **more):
    *_, progress = train(settings, dataset, **more)
    return progress


def test_a_training_that_was_interrupted_ends_with_the_same_weights(digits):
    whole = last(SMALL, digits).vae.state_dict()
    half = next(p for p in train(SMALL, digits) if p.step == 40).checkpoint()
    again = last(SMALL, digits, checkpoint=half).vae.state_dict()
    assert all(torch.equal(weight, again[name]) for name, weight in whole.items())


def test_an_image_is_likelier_given_its_own_class_than_given_another(digits):
    vae = last(SMALL.with_fields(steps=400), digits).vae
    x, y = digits.observed("test", range(200)), digits.labels("test", range(200))
    own, other = (scores(vae, x, 4, labels=labels).elbo.mean() for labels in (y, (y + 1) % 10))
    assert own > other + 2


@pytest.mark.parametrize("names", [(5, 7, 9), WORDS, LETTERS, CROWD[:40]], ids=["5 7 9", "words", "letters", "forty"])
def test_any_labels_are_classes(names, cache, tmp_path):
    file = labelled(tmp_path, names)
    entry, dataset = trained_on(file, conditional=True), load_dataset(str(file), split="random")
    vae = entry.load().vae
    assert vae.classes == dataset.labelled == len(names)
    assert entry.metrics["elbo"] < 0
    assert len(entry.training_codes().mean) == len(dataset.train) - 60
    measured = measure(entry, dataset)
    assert measured.residual > 0
    assert measured.continuity is None or measured.continuity > 0


def test_a_class_that_no_test_image_has_is_a_class(cache, tmp_path):
    file = labelled(tmp_path, WORDS, untested=WORDS[-1])
    vae = trained_on(file, conditional=True).load().vae
    assert vae.classes == len(WORDS)
    assert vae.given(len(WORDS) - 1).mean(torch.zeros(1, 2)).isfinite().all()


def test_images_without_labels_are_refused_before_anything_is_trained(cache, tmp_path, capsys):
    file = labelled(tmp_path, ())
    with pytest.raises(ValueError, match="needs images with labels, and these have none: leave conditional out"):
        trained_on(file, conditional=True)
    assert main(["train", "--dataset", str(file), "--conditional", "true", "--steps", "5"]) == 2
    assert "needs images with labels" in capsys.readouterr().err
    assert trained().list() == []


def test_an_exported_model_comes_back_with_its_classes(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, WORDS), conditional=True)
    there = received(packed(entry), Runs(tmp_path / "elsewhere"))
    (ours, theirs), z = (run.load().vae for run in (entry, there)), torch.randn(5, 2)
    assert there.settings == entry.settings
    assert there.classes == entry.classes
    for y in range(len(WORDS)):
        assert torch.equal(ours.given(y).mean(z), theirs.given(y).mean(z))


def test_the_command_line_says_what_its_bounds_are_of(cache, tmp_path, capsys):
    file = labelled(tmp_path, WORDS)
    small = ["--encoder", "8", "--decoder", "8", "--batch", "32", "--steps", "10", "--conditional", "true"]
    assert main(["train", "--dataset", str(file), *small]) == 0
    key = capsys.readouterr().out.split()[0]
    assert main(["evaluate", key, "--log-px", "12"]) == 0
    out = capsys.readouterr().out
    assert "of log p(x|y)" in out
    assert "= log p(x|y)" in out
    assert main(["evaluate", key, "--image", "3"]) == 0
    assert "= log p(x|y)" in capsys.readouterr().out
