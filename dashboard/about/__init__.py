"""About: what this is, its version, the papers behind it, and how to cite it."""

TITLE = "About"
URL_KEYS = ()
