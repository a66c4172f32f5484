"""Secrets have no face: not in a repr, a log, an argv or a journal (tests/terminal looks at the last two)."""

import dataclasses
import importlib
import pkgutil
import re

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


def test_a_field_that_holds_a_secret_is_not_in_the_repr():
    """Not a test for each class: to list them at collection, every worker would import ssmx whole, with moto."""
    secrets = [
        (f"{kind.__module__}.{kind.__qualname__}.{field.name}", field.repr)
        for kind in classes()
        for field in dataclasses.fields(kind)
        if SECRET.search(field.name) and field.name not in ("private_ip", "private_dns", "results")
    ]
    assert len(secrets) > 5
    assert [name for name, shown in secrets if shown] == []


def test_a_session_shows_no_token():
    assert "hush" not in repr(Session("s", "wss://example", "hush"))


def test_verbose_shows_no_secret(ssmx, running):
    said = ssmx("-v", "resolve", "payments-api").err
    assert "answered" in said
    assert running.secret_key not in said
    assert running.access_key not in said
