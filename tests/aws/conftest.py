"""The real clients and listings, whose AWS is a server of ours with the answers of a case."""

import os

import pytest

from ssmx.aws.clients import Clients
from ssmx.aws.endpoints import Endpoints
from ssmx.model.catalog import SERVICES
from ssmx.model.settings import Value
from tests.aws import cases
from tests.aws.answers import Answers


@pytest.fixture
def keys(monkeypatch, tmp_path):
    """The environment of somebody with keys, and without any configuration."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_DATA_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


@pytest.fixture
def environ(keys, monkeypatch):
    """The same, with nothing that could lead elsewhere."""
    for name in [*os.environ]:
        if name.lower().endswith(("_proxy", "_bundle")) or name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture(scope="session")
def answers():
    """One server for all cases, because clients cost more than the tests: `calls` are those of the test."""
    with Answers([]) as aws:
        yield aws


@pytest.fixture(scope="session")
def clients(answers, cache):
    """The clients of all services; to be used with `keys` alone, which they read at first use."""
    used = sorted({client for row in SERVICES.values() for client, _ in cases.operations(row)})
    made = Clients(
        Value("", "default"),
        Value(cases.REGION, "-r"),
        endpoints=dict.fromkeys(used, answers.url),
        trace=lambda _text: None,
        ask_secret=lambda _prompt: pytest.fail("nothing asks for a code"),
        cache=lambda: cache,
    )
    yield made
    for client in used:
        made.get(client).close()


@pytest.fixture
def listed(keys, answers, clients):
    """List endpoints from answers: `listed(calls, "rds", "mq")`, with `name` those of one name.

    It gives them, and the calls that were made. `warn` takes the warnings, of which there are to be none otherwise.
    """

    def found(calls, *services, name="", source="the case", warn=pytest.fail):
        rows = [SERVICES[each] for each in services]
        answers.begin(calls, source)
        endpoints = Endpoints(clients, warn=warn)
        return endpoints.named(rows, name) if name else endpoints.every(rows), answers.asked

    return found
