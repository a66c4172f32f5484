from datetime import UTC, datetime, timedelta

import pytest

from ssmx.model.columns import age

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=45), "45s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=59), "59m"),
        (timedelta(hours=1), "1h"),
        (timedelta(hours=23), "23h"),
        (timedelta(days=1), "1d"),
        (timedelta(days=400), "400d"),
        (timedelta(seconds=-5), "0s"),
    ],
)
def test_an_age_is_said_in_its_largest_fitting_unit(ago, said):
    assert age(NOW - ago, NOW) == said


def test_an_unknown_age_is_empty():
    assert age(None, NOW) == ""
