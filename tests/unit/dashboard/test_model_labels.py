"""What a model is called in a heading: its own name where a person has given it one."""

import pytest

from dashboard.shared import model_labels
from tests.small_models import publish
from vae_core.runs.store import bundled, trained
from vae_core.runs.training_run import describe
from vae_core.settings import RunSettings


@pytest.mark.parametrize(
    ("called", "said"),
    [
        ("my-vae", "my-vae, MNIST, 2 dimensions"),
        ("a name that is far too long for a heading", "a name that is far too…, MNIST, 2 dimensions"),
        (None, "MNIST, 2 dimensions"),
    ],
)
def test_a_run_of_ones_own_begins_with_the_name_that_was_given(cache, called, said):
    """None: it is called by its settings, as a training without a name."""
    entry = publish(cache, "two", name="mnist", called="x")
    entry.called(called or describe(entry.settings))
    assert model_labels.spoken(trained().get("two")) == said


def test_a_bundled_model_is_called_by_what_it_is():
    assert model_labels.spoken(bundled().get("mnist-2d")) == "MNIST, 2 dimensions"


def test_thousands_of_steps_are_written_as_everywhere(cache):
    with trained().draft(RunSettings(), name="half", folder="half") as draft:
        draft.status("diverged", 12_000, "")
    assert model_labels.trained(trained().get("half")) == ("half", "diverged at step 12,000")
