"""Clients of several regions with one sign-in."""

import pytest

from ssmx.aws.calls import Calls, Turns
from ssmx.aws.clients import Clients
from ssmx.errors import TryLater
from ssmx.model.settings import Value


def test_who_we_are_is_asked_once_also_where_nobody_answers(keys):
    first = Clients(Value("", "default"), Value("eu-west-1", "-r"), endpoints={}, trace=print, ask_secret=str)
    asked = []

    def get(service):
        asked.append(service)
        raise TryLater("no answer in 10 s")

    first.get = get
    calls = Calls(Turns(), 10)
    for region in ("eu-west-1", "us-east-1", "us-west-2"):
        with pytest.raises(TryLater):
            _ = first.beside(Value(region, "config"), calls, trace=print).caller
    assert asked == ["sts"]
