"""Light dataclasses are as those of dataclasses, wherever ssmx could tell."""

import builtins
import copy
import dataclasses
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, asdict, field, fields, replace

import pytest

from ssmx import light


def of(dataclass, **options):
    @dataclass(**options)
    class Node:
        """A node."""

        id: str
        secret: str = field(repr=False)
        seen: float = field(default=0.0, compare=False)
        tags: Mapping[str, str] = field(default_factory=dict)

        @property
        def label(self):
            return self.id.upper()

    return Node


OPTIONS = [{}, {"frozen": True}, {"slots": True}, {"frozen": True, "slots": True}, {"eq": False}]
CALLS = [
    (("i-1", "s"), {}),
    (("i-1",), {"secret": "s", "tags": {"a": "b"}}),
    ((), {"id": "i-1", "secret": "s", "seen": 1.0}),
    ((), {}),
    (("i-1",), {}),
    (("i-1", "s", 0.0, {}, 5), {}),
    (("i-1", "s"), {"id": "i-2"}),
    (("i-1", "s"), {"unknown": 1}),
]


def made(kind, args, given):
    try:
        return asdict(kind(*args, **given))
    except TypeError:
        return TypeError


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("args", "given"), CALLS)
def test_they_are_made_of_the_same(options, args, given):
    ours, theirs = of(light.dataclass, **options), of(dataclasses.dataclass, **options)
    assert made(ours, args, given) == made(theirs, args, given)


@pytest.mark.parametrize("options", OPTIONS)
def test_they_compare_and_read_the_same(options):
    told = []
    for kind in (of(light.dataclass, **options), of(dataclasses.dataclass, **options)):
        one, same, other = kind("i-1", "s", 1.0), kind("i-1", "s", 2.0), kind("i-2", "s")
        told.append(
            [
                *(one == same, one == other, one == "i-1", one != same),
                *(repr(one).rpartition(" object at ")[0] or repr(one), kind.__match_args__, kind.__doc__),
                *(one.label, hasattr(one, "__dict__"), kind.__hash__ is None),
                *([each.name for each in fields(one)], replace(one, id="i-3").id, copy.copy(one) == one),
            ]
        )
    assert told[0] == told[1]


def test_frozen_ones_stay_as_they_are_and_are_hashed_by_what_compares():
    kind = of(light.dataclass, frozen=True, slots=True)
    one = kind("i-1", "s", 1.0, ())
    assert hash(one) == hash(kind("i-1", "s", 2.0, ()))
    with pytest.raises(FrozenInstanceError):
        one.id = "i-2"
    with pytest.raises(FrozenInstanceError):
        del one.id
    assert one.id == "i-1"


@light.dataclass(frozen=True, slots=True)
class Kept:
    """What can be found by its name."""

    id: str
    tags: tuple[str, ...] = ()


def test_they_are_copied_and_pickled():
    one = Kept("i-1", ("a",))
    assert copy.deepcopy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one
    assert {one: 1}[Kept("i-1", ("a",))] == 1


def test_methods_of_their_own_stay_and_a_child_may_have_another_way_to_be_made():
    @light.dataclass(frozen=True, slots=True)
    class Named:
        name: str

        def __repr__(self):
            return self.name

    class Loud(Named):
        __slots__ = ()

        def __init__(self, name):
            object.__setattr__(self, "name", name.upper())

    assert repr(Named("a")) == "a"
    assert repr(Loud("a")) == "A"
    assert Named("a") != Loud("a")


def test_no_code_is_compiled_for_their_methods(monkeypatch):
    compiled = []
    run = builtins.exec
    monkeypatch.setattr("builtins.exec", lambda text, *args: (compiled.append(text), run(text, *args)))
    of(light.dataclass, frozen=True, slots=True)
    assert not any("def __init__" in each or "def __eq__" in each for each in compiled)
    of(dataclasses.dataclass, frozen=True, slots=True)
    assert any("def __init__" in each for each in compiled)
