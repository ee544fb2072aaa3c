"""Answers outlive the session in which they were given."""


def test_a_typed_address_finds_what_was_answered(visit):
    guest = visit()
    answer = guest.page.locator(".st-key-exercise-controls-1 input")
    guest.page.goto(f"{guest.url}/exercises?sheet=price-of-the-kl")
    answer.fill("28")
    answer.press("Enter")
    guest.wait_for_address('"28"')
    guest.page.wait_for_function("localStorage.getItem('vae-lab-answers')")
    guest.page.goto(f"{guest.url}/exercises")
    guest.wait_for_address('"28"')
    guest.until(lambda: answer.input_value() == "28", "the answer of the last session")
