"""Dataclasses that are defined in a tenth of the time: their methods are shared, where dataclasses compiles each.

An instance takes longer to make, which tells only of what is made by the thousand a second. fields(), replace() and
asdict() take these as well. The sandbox, which knows nothing of ssmx, has those of dataclasses.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True):
        """As dataclasses has it, of the options that ssmx uses; `__post_init__` is not among them."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, slots=slots, eq=eq)
        if cls.__doc__ is None:
            cls.__doc__ = cls.__name__  # which spares dataclasses the signature
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        own = {"__init__": _init, "__repr__": _repr}
        if eq:
            own |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
        if frozen:
            own |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete, "__reduce__": _reduce}
        for name, method in own.items():
            if name not in cls.__dict__ or name == "__hash__":
                setattr(made, name, method)
        return made


_put = object.__setattr__


def _init(self: Any, *args: object, **given: object) -> None:
    fields = self.__dataclass_fields__
    if len(args) > len(fields):
        raise TypeError(f"{type(self).__name__}() takes {len(fields)} values, and {len(args)} were given")
    for name, value in zip(fields, args, strict=False):
        if name in given:
            raise TypeError(f"{type(self).__name__}() was given {name!r} twice")
        _put(self, name, value)
    for name, field in list(fields.items())[len(args) :]:
        if name in given:
            value = given.pop(name)
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        else:
            raise TypeError(f"{type(self).__name__}() was not given {name!r}")
        _put(self, name, value)
    if given:
        raise TypeError(f"{type(self).__name__}() has no {', '.join(map(repr, given))}")


def _values(self: Any) -> tuple[object, ...]:
    return tuple([getattr(self, name) for name, field in self.__dataclass_fields__.items() if field.compare])


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _repr(self: Any) -> str:
    shown = [name for name, field in self.__dataclass_fields__.items() if field.repr]
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _refuse_to_set(self: Any, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r} of {type(self).__name__}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r} of {type(self).__name__}")


def _reduce(self: Any) -> tuple[Any, ...]:
    """How it is copied and pickled."""
    return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)
