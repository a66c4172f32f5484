"""The same port for the same thing the next time."""

import json
import subprocess
import sys
from itertools import islice

from ssmx.store.ports import FIRST, LAST, Ports


def test_a_key_has_the_same_order_of_ports_every_time(tmp_path):
    first, again = (list(islice(Ports(tmp_path / "ports.json").candidates("db:5432"), 5)) for _ in range(2))
    assert first == again
    assert len(set(first)) == 5
    assert all(FIRST <= port <= LAST for port in first)


def test_the_first_port_that_was_free_is_kept(tmp_path):
    ports = Ports(tmp_path / "ports.json")
    usual, second, *_ = islice(ports.candidates("db:5432"), 3)
    ports.keep("db:5432", second)
    ports.keep("db:5432", usual)  # another time, while that one was taken
    assert next(iter(ports.candidates("db:5432"))) == second


def test_a_port_that_is_kept_for_one_is_not_offered_to_another(tmp_path):
    ports = Ports(tmp_path / "ports.json")
    usual = next(iter(ports.candidates("a")))
    ports.keep("b", usual)
    assert usual not in list(ports.candidates("a"))


def test_a_file_that_is_broken_or_cannot_be_written_is_none(tmp_path):
    for text in ("", "{", "[1]", '{"a": "x", "b": true, "c": 70000}', '{"a": -1}'):
        (tmp_path / "ports.json").write_text(text)
        assert next(iter(Ports(tmp_path / "ports.json").candidates("a"))) >= FIRST
    Ports(tmp_path / "no" / "folder" / "ports.json").keep("a", 1)


def test_many_at_once_lose_nothing(tmp_path):
    path = tmp_path / "ports.json"
    code = "import sys; from pathlib import Path; from ssmx.store.ports import Ports\n"
    code += "for n in range(20): Ports(Path(sys.argv[1])).keep(f'{sys.argv[2]}-{n}', 20000 + n)"
    runs = [subprocess.Popen([sys.executable, "-c", code, str(path), str(each)]) for each in range(4)]
    assert [run.wait() for run in runs] == [0] * 4
    assert len(json.loads(path.read_text())) == 80
