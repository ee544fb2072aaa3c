"""Glossary: the terms of the pages, with the page where each can be seen."""

TITLE = "Glossary"
URL_KEYS = ()
