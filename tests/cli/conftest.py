"""Tunnels in the background, which end with the test."""

import pytest


@pytest.fixture
def background(ssmx, levers):
    """Start one: `background("payments-api", "0:7", "--name", "echo")` gives what `ssmx ps` tells of it."""

    def start(*words, **changed):
        result = ssmx("forward", *words, "--background", "-o", "json", **changed)
        assert result.status == 0, result.err
        return next(each for each in ssmx("ps", "-o", "json").json if each["pid"] == result.json["pid"])

    yield start
    assert ssmx("stop", "--all").status == 0
    assert ssmx("ps", "-o", "json").json == []
