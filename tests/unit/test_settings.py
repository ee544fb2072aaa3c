import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core.settings import PRESETS, ModelSettings, RunSettings, TrainSettings, preset


def test_the_same_settings_have_the_same_key_in_any_spelling():
    a = RunSettings().with_fields(beta=1, encoder=[500, 250])
    b = RunSettings().with_fields(beta=1.0, encoder=(500, 250))
    assert a.key() == b.key()
    assert len(a.key()) == 24
    assert set(a.key()) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "change",
    [{"beta": 2.0}, {"seed": 1}, {"latent_dim": 3}, {"encoder": (9,)}, {"fingerprint": "b"}, {"precision": "bfloat16"},
     {"pixels": "threshold"}, {"start_from": "mnist-2d"}],
    ids=str,
)  # fmt: skip
def test_any_setting_that_changes_the_numbers_changes_the_key(change):
    assert RunSettings().with_fields(**change).key() != RunSettings().key()


def test_minus_zero_is_zero():
    assert TrainSettings(beta=-0.0) == TrainSettings(beta=0.0)
    assert RunSettings().with_fields(beta=-0.0).key() == RunSettings().with_fields(beta=0.0).key()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("latent_dim", 0, "latent_dim must lie between 1 and 512, not 0"),
        ("latent_dim", 2.5, "latent_dim must be a whole number, not 2.5"),
        ("latent_dim", True, "latent_dim must be a whole number, not True"),
        ("beta", math.nan, "beta must lie between 0 and 10000, not nan"),
        ("beta", math.inf, "beta must lie between"),
        ("beta", -1, "beta must lie between 0 and 10000, not -1"),
        ("learning_rate", "fast", "learning_rate must be a number, not 'fast'"),
        ("encoder", (0,), "encoder must be at most 8 layer widths from 1 to 4096"),
        ("encoder", (1,) * 9, "encoder must be at most 8"),
        ("encoder", "wide", "encoder must be at most 8"),
        ("activation", "swish", "activation must be one of tanh, silu, relu, softplus, not 'swish'"),
        ("closed_form", 1, "closed_form must be true or false, not 1"),
        ("steps", 10**9, "steps must lie between"),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_range(field, value, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(").replace(")", r"\)")):
        RunSettings().with_fields(**{field: value})


def test_a_likelihood_that_cannot_score_the_pixels_is_refused():
    with pytest.raises(ValueError, match="likelihood gaussian does not score dynamic pixels"):
        RunSettings().with_fields(likelihood="gaussian")


def test_an_unknown_field_is_named():
    with pytest.raises(ValueError, match="no setting called lerning_rate"):
        RunSettings().with_fields(lerning_rate=1e-3)
    with pytest.raises(ValueError, match="TrainSettings has no field tempo"):
        RunSettings.from_dict({"train": {"tempo": 0.9}})
    with pytest.raises(ValueError, match="train must be a table"):
        RunSettings.from_dict({"train": 3})


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("dataset", ["mnist", "frey", "strokes"])
def test_a_preset_survives_the_way_through_json(name, dataset):
    settings = preset(name, dataset)
    assert RunSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_an_unknown_preset_lists_the_known():
    with pytest.raises(ValueError, match="choose one of quick, good, paper, linear"):
        preset("fast", "mnist")


@given(st.integers(1, 512), st.lists(st.integers(1, 4096), max_size=8), st.floats(0, 1e4))
def test_settings_in_range_round_trip(latent_dim, widths, beta):
    s = RunSettings().with_fields(latent_dim=latent_dim, encoder=tuple(widths), beta=beta)
    again = RunSettings.from_dict(json.loads(s.canonical()))
    assert (again, again.key()) == (s, s.key())


def test_settings_are_frozen():
    with pytest.raises(AttributeError):
        ModelSettings().latent_dim = 3
