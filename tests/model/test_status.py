from datetime import UTC, datetime

import pytest

from ssmx.model.running import Facts, LaneFacts, State
from ssmx.model.status import amount, counts, lanes, listens, rates, rows, sample, totals, until

NOW = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (999.4, "999 B"),
        (999.5, "1.0 kB"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5_400_000_000_000_000, "5400 TB"),
    ],
)
def test_an_amount_is_said_in_its_largest_fitting_unit(count, said):
    assert amount(count) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "-"),
        ("nonsense", "-"),
        ("2026-11-28T01:43:00", "-"),  # nobody knows where that is
        ("2026-11-28T01:43:00+00:00", "in 43m"),
        ("2026-11-28T02:00:30+00:00", "in 1h"),
        ("2026-11-28T00:59:00+00:00", "over"),
    ],
)
def test_the_end_of_credentials_is_said_from_now(at, said):
    assert until(at, NOW) == said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Facts("a", State.READY, host="127.0.0.1", port=15432), "localhost:15432"),
        (Facts("a", State.READY, host="0.0.0.0", port=15432), "0.0.0.0:15432"),
        (Facts("a", State.READY, host="::1", port=15432), "[::1]:15432"),
        (Facts("a", State.READY, socket="/tmp/s"), "/tmp/s"),
        (Facts("a", State.STARTING), ""),
    ],
)
def test_a_place_is_said_as_clients_take_it(facts, said):
    assert listens(facts) == said


def test_lanes_are_counted_by_those_that_stand():
    assert lanes(Facts("a", State.READY, lanes=(LaneFacts(State.READY), LaneFacts(State.FAILED)))) == "1/2"
    assert lanes(Facts("a", State.STARTING)) == ""


def test_a_rate_is_of_two_samples():
    before = sample([Facts("a", State.READY, sent=1000, received=0), Facts("old", State.READY, sent=9)], 10.0)
    now = [Facts("a", State.READY, sent=4000, received=500), Facts("new", State.READY), Facts("old", State.READY)]
    traffic = rates(before, sample(now, 12.0))
    assert [traffic(each) for each in now] == [("1.5 kB/s", "250 B/s"), ("-", "-"), ("0 B/s", "0 B/s")]
    assert rates(None, before)(now[0]) == ("-", "-")
    assert rates(before, sample(now, 10.0))(now[0]) == ("-", "-")


def test_what_is_declared_and_does_not_run_comes_behind_what_runs():
    declared = [Facts("a", State.DOWN), Facts("b", State.DOWN)]
    found = rows([Facts("a", State.READY, sent=1500)], now=NOW, traffic=totals, declared=declared)
    assert [each.cells[:2] for each in found] == [("a", "ready"), ("b", "down")]
    assert found[0].cells[4] == "1.5 kB"
    assert counts(found[0].facts) == ("1500", "0")
