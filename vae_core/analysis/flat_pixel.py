"""Why a learned sigma needs a floor: the log density that a Gaussian gives to a pixel that never changes.

The decoder knows the pixel's value, so that sigma alone decides. Of an exact grey level the density grows without end
as sigma falls; a dequantised one (Theis et al. 2016) is spread evenly over a width of 1/256, and its best sigma is
1/256 over the root of 12 (assets/math.md#likelihoods).
"""

import math

GREY_LEVEL = 1 / 256  # the width of a dequantised pixel


def log_density(sigma: float, width: float = 0.0) -> float:
    """E[log N(x; m, sigma^2)] in nats, x uniform in m ± width/2: -ln sigma - 1/2 ln(2 pi) - width^2 / (24 sigma^2)."""
    return -math.log(sigma) - 0.5 * math.log(2 * math.pi) - width**2 / (24 * sigma**2)


def best_sigma(width: float) -> float:
    """Where that is largest: the standard deviation of the uniform distribution. 0 without width: there is no best."""
    return width / math.sqrt(12)
