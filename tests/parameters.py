"""Parameters of tests of which CI, which has minutes, runs a part, and `-m "long or not long"` all."""

from collections.abc import Iterable

import pytest


def rest_long(every: Iterable, chosen: Iterable) -> list:
    """All of them as parameters; those that are not chosen stand behind `long`."""
    every, chosen = list(every), list(chosen)
    assert set(chosen) <= set(every), "what is chosen is one of them"
    several = [each if isinstance(each, tuple) else (each,) for each in every]
    return [
        pytest.param(*each, marks=() if one in chosen else pytest.mark.long)
        for one, each in zip(every, several, strict=True)
    ]
