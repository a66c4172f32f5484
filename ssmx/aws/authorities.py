"""A bundle of certificate authorities as a folder in which OpenSSL finds one by the hash of its name.

To parse a whole bundle takes as long as all else that a short run does; of a folder only what is needed is read.
Made once of each version of each bundle, in the cache folder.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from ssmx.errors import LocalFault
from ssmx.store import whole

_BEGIN, _END = "-----BEGIN ", "-----END "
_CERTIFICATE = "CERTIFICATE-----"
_SEQUENCE, _SET, _VERSION, _UTF8 = 0x30, 0x31, 0xA0, 0x0C
_TEXTS = {  # the strings whose letters are alike in either case, and how they are written
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_SPACES = " \t\n\v\f\r"
_SIZE = "size"  # a file beside the certificates: how many bytes they have together


def hashed(bundle: str, cache: Callable[[], Path]) -> str:
    """The folder of this bundle, made where it is not there yet or lacks something; empty where that cannot be.

    Also where others than the user could add an authority to it.
    """
    with suppress(OSError, ValueError, IndexError, LocalFault):
        about = os.stat(bundle)  # noqa: PTH116
        named = f"{os.path.realpath(bundle)} {about.st_mtime_ns} {about.st_size}"
        folder = cache() / f"authorities-{hashlib.sha256(named.encode()).hexdigest()[:16]}"
        if is_private(folder.parent):
            if not _is_whole(folder):
                import_module("shutil").rmtree(folder, ignore_errors=True)
                _make(folder, Path(bundle).read_text("utf-8", "replace"))
            return str(folder) if is_private(folder) else ""
    return ""


def is_private(folder: Path) -> bool:
    """Whether it is the user's own, and nobody else writes into it."""
    about = folder.lstat()
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o022


def _is_whole(folder: Path) -> bool:
    """Whether nothing is missing: whoever cleans up caches takes single files, and a crash may leave empty ones."""
    try:
        return (folder / _SIZE).read_text("ascii") == str(_size(folder))
    except (OSError, ValueError):
        return False


def _size(folder: Path) -> int:
    with os.scandir(folder) as found:
        return sum(each.stat().st_size for each in found if each.name != _SIZE)


def _make(path: Path, text: str) -> None:
    with whole.folder(path) as draft:
        number: dict[str, int] = {}
        for pem in _certificates(text):
            name = name_hash(_der(pem))
            at = number.get(name, 0)
            number[name] = at + 1
            (draft / f"{name}.{at}").write_text(pem, "ascii")
        if not number:
            raise ValueError("no certificate in it")
        (draft / _SIZE).write_text(str(_size(draft)), "ascii")


def _certificates(text: str) -> Iterator[str]:
    """The certificates of a bundle. Raises ValueError where something else is in it, such as a CRL."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(_BEGIN):
            if not line.startswith(_BEGIN + _CERTIFICATE):
                raise ValueError("not certificates alone")
            lines = [line]
        elif lines:
            lines.append(line)
            if line.startswith(_END):
                yield "\n".join(lines) + "\n"
                lines = []


def _der(pem: str) -> bytes:
    return bytes(import_module("binascii").a2b_base64("".join(pem.splitlines()[1:-1])))


def name_hash(der: bytes) -> str:
    """OpenSSL's hash of a certificate's subject (X509_NAME_hash): eight digits."""
    certificate = _content(der, 0)
    parts = _parts(_content(certificate, 0))
    if parts[0][0] == _VERSION:
        del parts[0]
    subject = parts[4][1]  # after the serial number, the algorithm, the issuer and the dates
    digest = hashlib.sha1(_canonical(subject), usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def _canonical(name: bytes) -> bytes:
    """A name as it is compared: each text in UTF-8, in small letters, with single spaces."""
    made = []
    for _, names in _parts(name):
        pairs = []
        for _, pair in _parts(names):
            (kind, oid), (tag, value) = _parts(pair)
            if tag in _TEXTS:
                words = value.decode(_TEXTS[tag]).strip(_SPACES)
                tag, value = _UTF8, _small(words).encode()
            pairs.append(_tlv(_SEQUENCE, _tlv(kind, oid) + _tlv(tag, value)))
        made.append(_tlv(_SET, b"".join(sorted(pairs))))
    return b"".join(made)


def _small(words: str) -> str:
    """Small letters of ASCII, and one space for several."""
    made: list[str] = []
    for each in words:
        if each not in _SPACES:
            made.append(each.lower() if each.isascii() else each)
        elif made[-1] != " ":
            made.append(" ")
    return "".join(made)


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents that follow each other."""
    found, at = [], 0
    while at < len(data):
        start, end = _bounds(data, at)
        found.append((data[at], data[start:end]))
        at = end
    return found


def _content(data: bytes, at: int) -> bytes:
    start, end = _bounds(data, at)
    return data[start:end]


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of what begins at `at` begins and ends (DER)."""
    length, start = data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise ValueError("it ends too early")
    return start, start + length


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
