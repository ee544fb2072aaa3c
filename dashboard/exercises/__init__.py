"""Exercises: sheets of tasks whose answers are checked against the models themselves."""

TITLE = "Exercises"
URL_KEYS = ("sheet", "answers")
