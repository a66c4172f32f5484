"""Calls of many accounts and regions at once: who repeats what and how often, and who gives up when."""

import threading
import time
from itertools import pairwise

import pytest

from ssmx.aws.account import Account
from ssmx.aws.calls import Calls, Turns
from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.aws.lean.client import Client
from ssmx.errors import Refused, Throttled, TryLater
from ssmx.model.settings import Value
from tests.aws.lean.server import Aws

BUSY = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
NOBODY = (200, {"InstanceInformationList": []})
PAGES = {"Filters": [], "PaginationConfig": {"PageSize": 50}}


@pytest.fixture(params=["lean", "botocore"])
def beside(request, environ, cache):
    """Makes the clients of another region whose calls are limited, and the AWS they ask."""
    aws = Aws()
    environ.setenv("AWS_ENDPOINT_URL", aws.url)
    if request.param == "botocore":
        environ.setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional")
    every = []

    def new(turns=None, limit=10.0):
        first = Clients(
            Value("", "default"),
            Value("eu-west-1", "-r"),
            endpoints={},
            trace=lambda _: None,
            ask_secret=lambda _: "",
            cache=lambda: cache,
        )
        made = first.beside(Value("us-east-1", "-A"), Calls(turns or Turns(), limit), trace=lambda _: None)
        assert isinstance(made.get("ssm"), Client) == (request.param == "lean")
        every.append(made)
        return made, aws

    yield new
    for client in [each for made in every for each in made._made.values()]:
        client.close()
    aws.close()


def listed(clients):
    with translated("ssm:DescribeInstanceInformation"):
        return [*clients.get("ssm").get_paginator("describe_instance_information").paginate(**PAGES)]


def test_what_is_throttled_is_asked_again_and_no_more_than_six_times(beside, monkeypatch):
    monkeypatch.setattr("ssmx.aws.calls._FIRST", 0.01)
    monkeypatch.setattr("ssmx.aws.calls._LONGEST", 0.02)
    made, aws = beside()
    aws.answers = [BUSY, BUSY, NOBODY]
    assert len(listed(made)) == 1
    assert len(aws.asked) == 3
    aws.answers, aws.asked[:] = [BUSY], []
    with pytest.raises(Throttled):
        listed(made)
    assert len(aws.asked) == 6


@pytest.mark.parametrize("said", [(500, b""), (503, b"<html>"), None])
def test_what_was_lost_or_failed_at_is_asked_once_more(beside, said):
    made, aws = beside()
    aws.answers = [said, NOBODY]
    assert len(listed(made)) == 1
    aws.answers, aws.asked[:] = [said], []
    with pytest.raises(TryLater):
        listed(made)
    assert len(aws.asked) == 2


def test_a_refusal_is_an_answer(beside):
    made, aws = beside()
    aws.answers = [(400, {"__type": "ValidationError2", "message": "no"})]
    with pytest.raises(Refused):
        listed(made)
    assert len(aws.asked) == 1


def test_no_answer_costs_the_limit_and_is_told_as_that(beside):
    made, aws = beside(limit=0.3)
    aws.hold = threading.Event()
    start = time.monotonic()
    with pytest.raises(TryLater, match=r"no answer in 0\.3 s"):
        listed(made)
    assert time.monotonic() - start < 5
    aws.hold.set()


def test_a_throttled_account_is_left_alone_by_all_its_scopes(beside, monkeypatch):
    """And one of another account goes on."""
    monkeypatch.setattr("ssmx.aws.calls._FIRST", 0.5)
    turns = Turns()
    (one, aws), (other, _), (apart, _) = beside(turns), beside(turns), beside()
    aws.answers = [BUSY, NOBODY]
    asking = threading.Thread(target=listed, args=(one,))
    asking.start()
    while not aws.asked:
        time.sleep(0.01)
    while not turns._until:
        time.sleep(0.01)
    start = time.monotonic()
    listed(apart)
    went_on = time.monotonic() - start
    listed(other)
    waited = time.monotonic() - start
    asking.join()
    assert went_on < waited
    assert waited > 0.3


def test_pauses_grow_and_shrink():
    turns = Turns()
    pauses = []
    for _ in range(3):
        turns.throttled()
        pauses.append(turns._pause)
        turns._until = 0.0
    assert [after / before for before, after in pairwise(pauses)] == [2, 2]
    turns.take(1)
    turns.give_back(throttled=False)
    assert turns._pause == pauses[-1] / 2


def test_regions_and_instances_come_in_the_same_way(beside):
    made, aws = beside()
    aws.answers = [(200, b"<R><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo></R>")]
    assert Account(made).regions() == ["eu-west-1"]
    aws.answers = [(200, b"<R><reservationSet/></R>")]
    (page,) = made.get("ec2").get_paginator("describe_instances").paginate(**PAGES)
    assert page["Reservations"] == []
    assert {botocores for _, botocores in aws.asked} == {not isinstance(made.get("ssm"), Client)}
