"""Where ssmx keeps things, and what it says where there is no such place."""

import subprocess
import sys

import pytest

HOMELESS = """
import os, pwd, sys
from ssmx.cli import main
import ssmx.plugins, ssmx.store.paths, ssmx.store.config, ssmx.store.report, ssmx.transport.plugin.find, ssmx.ui.show
pwd.getpwuid = lambda uid: (_ for _ in ()).throw(KeyError(uid))
sys.exit(main(["plugin", "status"]))
"""


@pytest.mark.parametrize("home", [None, "relative"])
def test_without_a_home_two_lines_say_so(env, home):
    env = {name: value for name, value in env.items() if name != "HOME"} | ({"HOME": home} if home else {})
    done = subprocess.run([sys.executable, "-c", HOMELESS], env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    if not home:
        assert done.returncode == 73
        assert done.stderr == "ssmx: your home folder is not known\n  try: set HOME\n"
