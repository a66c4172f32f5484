"""A shell for minutes on a network that loses, doubles and reorders messages."""

import random
import time

import pytest

MINUTES = 3


@pytest.mark.long
def test_every_line_arrives_for_minutes_on_a_bad_network(user, levers, live):
    user.opens()
    session, dice, number = live(), random.Random(7), 0
    end = time.monotonic() + MINUTES * 60
    while time.monotonic() < end:
        fault = dice.choice(
            ["duplicate?on=1", "reorder?on=1", f"drop?in={dice.randint(0, 4)}&out={dice.randint(0, 4)}"]
        )
        levers("POST", f"session/{session}/{fault}")
        user.types(f"seq {number} {number + 499}; echo E''ND")
        shown = user.sees("END", timeout=120)
        numbers = [int(word) for word in shown.split() if word.isdecimal()]
        assert numbers[-500:] == list(range(number, number + 500))
        levers("POST", "reset")
        number += 500
    user.types("exit")
    assert user.back()[0] == 0
    assert number > 1000
