"""Promises about the repository: where imports go, how long a module is, what its names are."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "ssmx").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name_of(path):
    return str(path.relative_to(ROOT))


def test_imports_run_downwards_only():
    """The contracts are in pyproject.toml, [tool.importlinter]."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_module_answers_one_question_in_at_most_400_lines():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in [*MODULES, *TESTS]}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_only_app_imports_inside_functions():
    # The sandbox's process imports moto when its answers are wanted: that takes a second.
    # Tab waits for completing.py, which reads JSON or TOML only where there is any.
    free = ("app.py", "completing.py")
    looked_at = [path for path in MODULES if path.name not in free and path.parent.name != "sandbox"]
    inside = [
        f"{name_of(path)}:{node.lineno}"
        for path in looked_at
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_no_module_is_named_for_nothing():
    nothing = {"utils", "helpers", "common", "manager", "base", "misc"}
    assert [name_of(path) for path in MODULES if set(re.split(r"[_.]", path.name)) & nothing] == []


def test_every_module_begins_with_a_sentence():
    assert [name_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_the_map_is_short_and_names_every_package():
    text = (ROOT / "ssmx" / "ARCHITECTURE.md").read_text()
    assert len(text.splitlines()) <= 120
    places = [each.name for each in (ROOT / "ssmx").iterdir() if each.is_dir() and each.name != "__pycache__"]
    places += [path.stem for path in (ROOT / "ssmx").glob("*.py") if not path.stem.startswith("__")]
    for place in places:
        assert re.search(rf"\b{place}\b", text), place


def test_the_top_level_is_the_owners():
    tracked = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    names = {name for name in tracked.stdout.split() if not name.startswith(".")}
    assert names <= {"pyproject.toml", "ssmx", "tests", "completions", "README.md"}
