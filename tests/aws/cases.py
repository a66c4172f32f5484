"""The case files of the catalog, tests/model/catalog/SERVICE.json: what AWS answers, and what that tells of."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

from ssmx.model.endpoint import Endpoint, Role

FOLDER = Path(__file__).parents[1] / "model" / "catalog"
REGION = "eu-west-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Case:
    """`calls` as tests/aws/answers.py takes them, the `endpoints` in order, and what a `client` of one is told."""

    service: str
    source: str
    calls: list
    endpoints: list
    client: dict

    @property
    def path(self):
        return f"tests/model/catalog/{self.service}.json"

    def labelled(self, label):
        [found] = [each for each in self.endpoints if each.label == label]
        return found


def operations(row):
    """The calls that a row of the catalog makes, `(client, operation)`, in the order in which it names them."""
    named = []
    for listing in row.listings:
        named.append((listing.client, listing.operation))
        named += [(listing.client, listing.then.operation)] if listing.then else []
        named += [(listing.networks.client, listing.networks.operation)] if listing.networks else []
    return list(dict.fromkeys(named))


def services():
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def case(service):
    told = json.loads((FOLDER / f"{service}.json").read_text())
    endpoints = [_endpoint(service, each) for each in told.pop("endpoints")]
    return Case(service=service, endpoints=endpoints, **told)


def _endpoint(service, told):
    """What a case file tells of an endpoint; what it does not is as it is of one of which nothing is known."""
    told = dict(told)
    label = told.pop("label")
    known = {each.name for each in fields(Endpoint)}
    assert set(told) <= known, f"{label}: no fields of an Endpoint are {sorted(set(told) - known)}"
    told = {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
    name = told.pop("name", label.partition("/")[2].partition(" (")[0])
    role = Role(told.pop("role", "instance"))
    told = {"host": "", "port": 0, "account": ACCOUNT, **told}
    endpoint = Endpoint(service, name, role=role, region=REGION, **told)
    assert endpoint.label == label, f"the label of {endpoint} is {endpoint.label!r}, not {label!r}"
    return endpoint


def spelled(endpoint):
    """An endpoint as a case file tells it."""
    bare = Endpoint(endpoint.service, "", "", 0, region=REGION, account=ACCOUNT)
    told = {}
    for each in fields(Endpoint):
        value = getattr(endpoint, each.name)
        if value != getattr(bare, each.name) and each.name not in ("service", "name"):
            told[each.name] = list(value) if isinstance(value, tuple) else value
    return {"label": endpoint.label, **told}
