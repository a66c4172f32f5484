"""What was chosen, and the last target, are remembered."""

import json

import pytest

from ssmx.model.frecency import chosen, now_worth
from ssmx.store.recent import Last, Recent

WEEK = 7 * 86_400.0


def test_what_is_chosen_often_and_of_late_is_worth_most():
    often_then = 0.0
    for day in range(10):
        often_then = chosen(often_then, (day - 1) * 86_400.0, day * 86_400.0)
    assert now_worth(often_then, 9 * 86_400.0, 9 * 86_400.0) > 5
    assert now_worth(often_then, 9 * 86_400.0, 9 * 86_400.0 + 4 * WEEK) < 1 == now_worth(1.0, 5.0, 5.0)
    assert now_worth(2.0, 100.0, 50.0) == 2.0  # a clock that was wrong


def test_choices_and_the_last_target_are_remembered_for_each_place(tmp_path):
    recent = Recent(tmp_path / "recent.json")
    assert (recent.last(""), recent.scores()) == (None, {})
    recent.went("", Last("api", "prod", "eu-west-1"), "i-1")
    recent.went("", Last("web", "prod", "eu-west-1"), "i-2")
    recent.went("sandbox", Last("x", "sandbox", "eu-west-1"), "i-3")
    recent.went("elsewhere", Last("y", "", "eu-west-1", "123456789012"), "i-2")
    assert recent.last("elsewhere") == Last("y", "", "eu-west-1", "123456789012")
    assert recent.last("") == Last("web", "prod", "eu-west-1")
    scores = recent.scores()
    assert sorted(scores, key=lambda each: -scores[each])[0] == "i-2"
    assert set(scores) == {"i-1", "i-2", "i-3"}


def test_only_so_many_choices_are_remembered(tmp_path):
    path = tmp_path / "recent.json"
    path.write_text(json.dumps({"chosen": {f"i-{at}": [at / 1000, 4e9] for at in range(600)}}))
    recent = Recent(path)
    recent.chose("i-new")
    assert len(recent.scores()) == 500
    assert {"i-new", "i-599"} <= recent.scores().keys()


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"last": 5, "chosen": [1]}', '{"last": {"": {"target": 5}}, "chosen": {"a": 1, "b": ["x", 2]}}'],
)
def test_what_is_broken_is_as_nothing(tmp_path, text):
    path = tmp_path / "recent.json"
    path.write_text(text)
    recent = Recent(path)
    assert (recent.last(""), recent.scores()) == (None, {})
    recent.chose("i-1")
    assert recent.scores().keys() == {"i-1"}
