"""Primer: five short scenes for somebody who has not met entropy, a KL or Bayes’ theorem yet."""

TITLE = "Primer"
URL_KEYS = ("model", "scene", "coin", "bars", "sigma", "g", "way", "i", "seed", "place", "bend", "unit")
