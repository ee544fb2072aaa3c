"""The identity that this page takes apart, with the numbers of the image at hand, always in view above the chapters."""

from typing import Any

OF_THE_BOUND = ("subject", "numbers", "logPx", "errors", "exact")


def shown(picture: dict[str, Any]) -> dict[str, Any]:
    """What it needs of the picture of the bound, nats; the numbers without those of single pixels and dimensions."""
    found = {name: picture[name] for name in OF_THE_BOUND}
    return found | {"numbers": {name: v for name, v in found["numbers"].items() if isinstance(v, float)}}
