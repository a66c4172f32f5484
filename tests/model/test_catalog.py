"""Which endpoint a name means."""

import botocore.session
import jmespath
import pytest

from ssmx.errors import UsageError
from ssmx.model.catalog import SERVICES, Endpoint, Role, fitting, host_endpoint, near, service_named

DOMAIN = "c0ffee.eu-west-1.rds.amazonaws.com"
PAYMENTS = Endpoint("rds", "payments-prod", f"payments-prod.{DOMAIN}", 5432)
WRITER = Endpoint("rds", "orders", f"orders.cluster-{DOMAIN}", 5432, Role.WRITER)
READER = Endpoint("rds", "orders", f"orders.cluster-ro-{DOMAIN}", 5432, Role.READER)
CUSTOM = Endpoint("rds", "orders", f"analytics.cluster-custom-{DOMAIN}", 5432, Role.CUSTOM)
MEMBER = Endpoint("rds", "orders-1", f"orders-1.{DOMAIN}", 5432)
ALL = [PAYMENTS, WRITER, READER, CUSTOM, MEMBER]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("payments-prod", [PAYMENTS]),
        ("Payments-PROD", [PAYMENTS]),
        ("orders", [WRITER]),
        ("orders-1", [MEMBER]),
        ("ord*", [WRITER, MEMBER]),
        (PAYMENTS.host, [PAYMENTS]),
        (f"{PAYMENTS.host}.", [PAYMENTS]),
        (READER.host, [READER]),
        (CUSTOM.host.upper(), [CUSTOM]),
        ("order", []),
        ("payments", []),
    ],
)
def test_a_name_means_an_instance_or_the_writer_of_a_cluster(name, found):
    assert fitting(ALL, name) == found


def test_the_reader_and_a_custom_endpoint_are_asked_for():
    assert fitting(ALL, "orders", reader=True) == [READER]
    assert fitting(ALL, "orders", custom="analytics") == [CUSTOM]
    assert fitting(ALL, "orders", custom=CUSTOM.host) == [CUSTOM]
    assert fitting(ALL, WRITER.host, reader=True) == [READER]
    assert fitting(ALL, "orders", custom="reports") == []
    assert fitting(ALL, "payments-prod", reader=True) == []


def test_what_is_near_a_name_is_suggested():
    assert near(ALL, "paymnts") == ["payments-prod"]
    assert near(ALL, "rder") == ["orders", "orders-1"]


def test_a_host_and_port_are_an_endpoint():
    assert host_endpoint("ldap.corp:636").address == "ldap.corp:636"
    assert host_endpoint("[fd00::5]:636").host == "fd00::5"
    assert host_endpoint("[fd00::5]:636").address == "[fd00::5]:636"
    for text in ("ldap.corp", ":1", "ldap:0", "ldap:65536", "ldap:x", ""):
        with pytest.raises(UsageError, match="HOST:PORT"):
            host_endpoint(text)


def test_an_unknown_service_gets_the_nearest_named():
    with pytest.raises(UsageError, match="did you mean 'rds'"):
        service_named("rsd")


LISTINGS = [(service.name, listing) for service in SERVICES.values() for listing in service.listings]


@pytest.mark.parametrize(("service", "listing"), LISTINGS, ids=lambda each: getattr(each, "operation", each))
def test_a_row_of_the_catalog_asks_for_what_botocore_knows(service, listing):
    model = botocore.session.Session().get_service_model(listing.client)
    shape = model.operation_model(listing.operation).output_shape
    answer = sample(shape)
    rows = jmespath.search(listing.endpoints, answer)
    assert len(rows) == 1, service
    missing = {key for key, value in rows[0].items() if value in (None, [], [None])}
    assert missing == set()


def test_a_database_that_is_being_created_is_there_without_an_address():
    [instances, clusters] = SERVICES["rds"].listings
    answer = {
        "DBInstances": [{"DBInstanceIdentifier": "new", "Engine": "postgres", "DBInstanceStatus": "creating"}]
    }
    [row] = jmespath.search(instances.endpoints, answer)
    assert (row["name"], row["host"], row["status"]) == ("new", None, "creating")
    answer = {"DBClusters": [{"DBClusterIdentifier": "graph", "Engine": "neptune"}]}
    assert jmespath.search(clusters.endpoints, answer) == []
    assert Endpoint("rds", "new", "", 0).address == ""


def sample(shape, depth=0):
    """An answer with everything that the model knows in it, once."""
    match shape.type_name:
        case "structure":
            return {name: sample(each, depth + 1) for name, each in shape.members.items()} if depth < 8 else {}
        case "list":
            return [sample(shape.member, depth + 1)]
        case "map":
            return {}
        case "boolean":
            return True
        case "integer" | "long":
            return 5432
        case _:
            return "x"
