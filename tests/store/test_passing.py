"""Folders that are there for as long as the process that made them, when many come and go at once."""

import subprocess
import sys

from tests.conftest import ROOT

COME_AND_GO = """
from ssmx.store.passing import passing_folder
for _ in range(40):
    with passing_folder("kube") as folder:
        (folder / "config").write_text("x")
        assert (folder / "config").read_text() == "x"
"""


def test_many_at_once_take_nothing_from_each_other(tmp_path):
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    words = [sys.executable, "-c", COME_AND_GO]
    runs = [subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [run.communicate()[1] for run in runs] == [""] * 4
    assert [each.name for each in (tmp_path / ".local/state/ssmx/kube").iterdir()] == [".lock"]
