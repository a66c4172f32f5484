"""Secrets have no face: not in a repr, a log, an argv or a journal (tests/terminal looks at the last two)."""

import dataclasses
import importlib
import pkgutil
import re

import pytest

import ssmx
from ssmx.model.session import Session

SECRET = re.compile(r"token|secret|password|access_key|private|results?$")


def classes():
    for module in pkgutil.walk_packages(ssmx.__path__, "ssmx."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        for each in vars(loaded).values():
            if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__module__ == module.name:
                yield each


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: kind.__qualname__)
def test_a_field_that_holds_a_secret_is_not_in_the_repr(kind):
    for field in dataclasses.fields(kind):
        if SECRET.search(field.name) and field.name not in ("private_ip", "private_dns", "results"):
            assert not field.repr, field.name


def test_a_session_shows_no_token():
    assert "hush" not in repr(Session("s", "wss://example", "hush"))


def test_verbose_shows_no_secret(ssmx, running):
    said = ssmx("-v", "resolve", "payments-api").err
    assert "answered" in said
    assert running.secret_key not in said
    assert running.access_key not in said
