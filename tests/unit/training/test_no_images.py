"""What is asked of no image at all, or of a network that cannot do it, is refused in a sentence."""

import pytest
import torch

from tests.unit.linear_examples import TV1
from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.importance_sampling import importance
from vae_core.settings import RunSettings, preset
from vae_core.training.evaluate import scores, summary


def test_no_images_have_no_report_and_no_importance_bound_but_an_empty_tightness():
    vae, x = TV1.vae(), torch.zeros(0, 4, dtype=torch.float64)
    with pytest.raises(ValueError, match="at least one image, not 0"):
        importance(vae, x, 5, torch.Generator().manual_seed(0))
    nothing = scores(vae, torch.zeros(1, 4, dtype=torch.float64))
    with pytest.raises(ValueError, match="no images to evaluate"):
        summary(type(nothing)(*(part[:0] for part in nothing if part is not None)), 16)
    assert tightness(vae, vae.posterior(x), x, x.sum(-1)).gap.shape == (0,)


def test_a_bias_per_pixel_is_refused_where_the_decoder_has_one_for_all():
    conv = RunSettings().with_fields(network="conv", encoder=(4, 8), decoder=(8, 4))
    with pytest.raises(ValueError, match="data_bias needs a bias for each pixel"):
        conv.with_fields(data_bias=True)
    assert RunSettings().with_fields(data_bias=True).model.data_bias


def test_the_papers_preset_has_its_hidden_units_for_each_data_set():
    assert preset("paper", "mnist").model.decoder == (500,)
    assert preset("paper", "frey").model.decoder == preset("paper", "frey").model.encoder == (200,)
