"""CBOR (RFC 8949) as far as AWS's RPC v2 protocol needs it: what newer SDKs speak with some services."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _OTHER = range(8)
_FALSE, _TRUE, _NULL, _BREAK = b"\xf4", b"\xf5", b"\xf6", 0xFF
_EPOCH = 1  # the tag of seconds since 1970
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_INDEFINITE = 31
_DEEPEST = 32


def encode(value: Any) -> bytes:
    """The value's bytes; members that are None are left out, as AWS does."""
    match value:
        case None:
            return _NULL
        case bool():
            return _TRUE if value else _FALSE
        case int():
            return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case bytes():
            return _head(_BYTES, len(value)) + value
        case datetime():
            return _head(_TAG, _EPOCH) + encode(value.timestamp())
        case Mapping():
            told = {name: inner for name, inner in value.items() if inner is not None}
            return _head(_MAP, len(told)) + b"".join(encode(n) + encode(i) for n, i in told.items())
        case Sequence():
            return _head(_ARRAY, len(value)) + b"".join(map(encode, value))
    raise TypeError(f"no CBOR for {type(value).__name__}")


def decode(data: bytes) -> Any:
    """The value of these bytes, of which none may be left; raises ValueError."""
    try:
        value, end = _value(data, 0, 0)
    except (IndexError, struct.error) as error:
        raise ValueError("CBOR that ends too early") from error
    if end != len(data):
        raise ValueError("something follows the CBOR")
    return value


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for more, shape, most in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32), (27, ">Q", 1 << 64)):
        if number < most:
            return bytes([kind << 5 | more]) + struct.pack(shape, number)
    raise ValueError("a number too large for CBOR")


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise ValueError("CBOR that is too deep")
    kind, detail = data[at] >> 5, data[at] & 31
    at += 1
    if kind == _OTHER:
        return _other(data, at, detail)
    if detail == _INDEFINITE:
        return _indefinite(data, at, kind, depth)
    number, at = _number(data, at, detail)
    match kind:
        case 0:
            return number, at
        case 1:
            return -1 - number, at
        case 2 | 3:
            if at + number > len(data):
                raise ValueError("CBOR that ends too early")
            piece = data[at : at + number]
            return (piece if kind == _BYTES else piece.decode()), at + number
        case 6:
            return _value(data, at, depth + 1)  # what is tagged is a time, and stays a number
    items: list[Any] = []
    for _ in range(number * (2 if kind == _MAP else 1)):
        item, at = _value(data, at, depth + 1)
        items.append(item)
    return _collected(kind, items), at


def _number(data: bytes, at: int, detail: int) -> tuple[int, int]:
    if detail < 24:
        return detail, at
    size = 1 << (detail - 24)
    if size > 8:
        raise ValueError("no CBOR")
    if at + size > len(data):
        raise ValueError("CBOR that ends too early")
    return int.from_bytes(data[at : at + size], "big"), at + size


def _indefinite(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    items: list[Any] = []
    while data[at] != _BREAK:
        item, at = _value(data, at, depth + 1)
        items.append(item)
    return _collected(kind, items), at + 1


def _collected(kind: int, items: list[Any]) -> Any:
    if kind == _MAP:
        return dict(zip(items[::2], items[1::2], strict=True))
    if kind == _ARRAY:
        return items
    return (b"" if kind == _BYTES else "").join(items)


def _other(data: bytes, at: int, detail: int) -> tuple[Any, int]:
    if detail in _FLOATS:
        shape = _FLOATS[detail]
        size = struct.calcsize(shape)
        return struct.unpack(shape, data[at : at + size])[0], at + size
    if detail not in (20, 21, 22, 23):
        raise ValueError("no CBOR")
    return {20: False, 21: True}.get(detail), at
