"""What the user calls a service, and what clients of its endpoints are told."""

import pytest

from ssmx.errors import UsageError
from ssmx.model.catalog import SERVICES, service_named
from ssmx.model.client import environment, own_client, recipe
from ssmx.model.dialect import Access, dialect
from tests.aws import cases


@pytest.mark.parametrize(
    ("text", "meant"),
    [("rsd", "rds"), ("redis", "elasticache"), ("Kafka", "msk"), ("k8s", "eks"), ("hots", "host")],
)
def test_an_unknown_service_gets_the_nearest_named(text, meant):
    with pytest.raises(UsageError, match=f"did you mean '{meant}'"):
        service_named(text, host=True)


def test_what_is_like_nothing_gets_all_there_are():
    with pytest.raises(UsageError) as failed:
        service_named("zzz", host=True)
    assert "did you mean" not in failed.value.message
    assert all(name in failed.value.hint for name in [*SERVICES, "host"])


def test_what_people_call_a_service_is_one_service_alone():
    words = [word for service in SERVICES.values() for word in (service.name, *service.also)]
    assert len(words) == len(set(words))
    assert all(service_named(name) is service for name, service in SERVICES.items())


@pytest.mark.parametrize("service", [name for name in cases.services() if name in SERVICES])
def test_clients_are_told_what_the_case_says(service):
    case = cases.case(service)
    endpoint = case.labelled(case.client["label"])
    access = Access(
        endpoint,
        "127.0.0.1",
        15000,
        user=endpoint.user,
        ca_bundle="/ca.pem",
        kubeconfig="/kubeconfig" if endpoint.authority else "",
    )
    speaks = dialect(endpoint)
    told = {"label": endpoint.label}
    if SERVICES[service].database:
        told["own"] = own_client(speaks.programs[0], [], access)
    everybodys = {
        "SSMX_HOST": "127.0.0.1",
        "SSMX_PORT": "15000",
        "SSMX_ENDPOINT": endpoint.address,
    }
    variables = environment(access, {})
    assert everybodys.items() <= variables.items()
    told["variables"] = {name: value for name, value in variables.items() if name not in everybodys}
    told["recipe"] = recipe(access)
    told["limits"] = speaks.limits(endpoint)
    assert case.client == told
