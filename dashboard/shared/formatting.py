"""Words with live numbers in them."""

import math
import unicodedata

SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
HUGE = 1e6  # from here on a number is written as a power of ten


def number(value: float, digits: int = 2) -> str:
    """With a true minus, and never a negative zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def readable(value: float | None, digits: int = 2) -> str:
    """As number has it; what is too large to be read in full as a power of ten: −1.3 × 10³⁰."""
    if value is None or not math.isfinite(value):
        return "not finite"
    if abs(value) < HUGE:
        return number(value, digits)
    front, ten = f"{value:.1e}".split("e+")
    return f"{front} × 10{str(int(ten)).translate(RAISED)}".replace("-", "−")


def apart(value: float, other: float, digits: int) -> float | None:
    """The difference of two numbers as they are shown: a reader who subtracts finds the same. None: not finite."""
    if not (math.isfinite(value) and math.isfinite(other)):
        return None
    if max(abs(value), abs(other)) >= HUGE or not digits:
        return value - other
    return round(round(value, digits) - round(other, digits), digits)


def signed(value: float, digits: int) -> str:
    text = readable(value, digits) if digits else f"{value:,}".replace("-", "−")
    return text if text.startswith("−") or not float(f"{value:.{digits}f}") else f"+{text}"


def rounded(value: float, error: float) -> str:
    """To the decimals that its error leaves, two at most."""
    return number(value, decimals(error))


def measured(value: float, error: float) -> str:
    """14.45, 0.23 -> 14.5 ± 0.2; an error that changes no digit is left out."""
    digits = decimals(error)
    if error < 0.005:
        return number(value, digits)
    return f"{number(value, digits)}\u00a0±\u00a0{number(error, digits)}"


def decimals(error: float) -> int:
    return max(0, min(2, -math.floor(math.log10(error)))) if 0 < error < math.inf else 2


def percent(share: float) -> str:
    """Number and sign stay on one line."""
    p = 100 * share
    return (f"{p:.0f}" if p >= 10 else f"{p:.1f}" if p >= 1 or p == 0 else f"{p:.2f}") + "\u00a0%"


def power(value: float) -> str:
    """0.00002 -> 2 × 10⁻⁵"""
    ten = math.floor(math.log10(max(value, 1e-99)))
    return f"{value / 10.0**ten:.0f} × 10" + str(ten).translate(RAISED)


def z(dimension: int, letter: str = "z") -> str:
    """The name of a dimension, counted from one."""
    return letter + str(dimension + 1).translate(SMALL)


def short(text: str, most: int = 24) -> str:
    """A text from outside in one line, for a sentence: the end of a long one is left out."""
    kept = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    return kept if len(kept) <= most else f"{kept[: most - 1].rstrip()}…"


def some(names: list[str], most: int = 12) -> str:
    """A list for a sentence: the first of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(short, names[:most])) + more
