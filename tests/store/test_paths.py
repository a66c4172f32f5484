"""Where ssmx keeps things, and what it says where there is no such place."""

import subprocess
import sys

import pytest

HOMELESS = """
import os, pwd, sys
from ssmx.cli import main
import ssmx.plugins, ssmx.store.config, ssmx.store.paths, ssmx.store.report, ssmx.transport.plugin.find
import ssmx.ui.show
pwd.getpwuid = lambda uid: (_ for _ in ()).throw(KeyError(uid))
sys.exit(main(["plugin", "status"]))
"""


@pytest.mark.parametrize("given", [None, "relative"])
def test_without_a_home_two_lines_say_so(env, given):
    env = {name: value for name, value in env.items() if name != "HOME"} | ({"HOME": given} if given else {})
    done = subprocess.run([sys.executable, "-c", HOMELESS], env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    if not given:
        assert done.returncode == 73
        assert done.stderr == "ssmx: your home folder is not known\n  try: set HOME\n"
