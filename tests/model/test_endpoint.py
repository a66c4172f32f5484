"""Which endpoint a name means, and what a row of an answer tells of endpoints."""

import pytest

from ssmx.errors import UsageError
from ssmx.model.endpoint import Endpoint, Role, fitting, from_row, host_endpoint, near

DOMAIN = "c0ffee.eu-west-1.rds.amazonaws.com"
PAYMENTS = Endpoint("rds", "payments-prod", f"payments-prod.{DOMAIN}", 5432)
WRITER = Endpoint("rds", "orders", f"orders.cluster-{DOMAIN}", 5432, Role.WRITER)
READER = Endpoint("rds", "orders", f"orders.cluster-ro-{DOMAIN}", 5432, Role.READER)
CUSTOM = Endpoint("rds", "orders", f"analytics.cluster-custom-{DOMAIN}", 5432, Role.CUSTOM, "analytics")
MEMBER = Endpoint("rds", "orders-1", f"orders-1.{DOMAIN}", 5432)
ALL = [PAYMENTS, WRITER, READER, CUSTOM, MEMBER]
BROKERS = [Endpoint("msk", "events", f"b-{at}.events.kafka", 9094, Role.CUSTOM, f"tls-{at}") for at in (1, 2, 3)]


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


def test_the_reader_and_a_part_are_asked_for():
    assert fitting(ALL, "orders", reader=True) == [READER]
    assert fitting(ALL, "orders", part="analytics") == [CUSTOM]
    assert fitting(ALL, "orders", part=CUSTOM.host) == [CUSTOM]
    assert fitting(ALL, WRITER.host, reader=True) == [READER]
    assert fitting(ALL, "orders", part="reports") == []
    assert fitting(ALL, "payments-prod", reader=True) == []


def test_of_parts_without_a_main_one_the_name_means_all():
    assert fitting(BROKERS, "events") == BROKERS
    assert fitting(BROKERS, "events", part="tls-2") == [BROKERS[1]]
    assert fitting([*BROKERS, PAYMENTS], "*") == [*BROKERS, PAYMENTS]


def test_one_name_of_two_services_means_the_main_one_of_each():
    cache = Endpoint("elasticache", "orders", "orders.cache", 6379)
    assert fitting([*ALL, cache], "orders") == [WRITER, cache]


def test_what_is_near_a_name_is_suggested():
    assert near(ALL, "paymnts") == ["payments-prod"]
    assert near(ALL, "rder") == ["orders", "orders-1"]


def test_a_label_says_which_of_its_name_it_is():
    labels = ["rds/payments-prod", "rds/orders", "rds/orders (reader)", "rds/orders (analytics)", "rds/orders-1"]
    assert [each.label for each in ALL] == labels
    assert host_endpoint("ldap.corp:636").label == "ldap.corp:636"


def test_a_host_and_port_are_an_endpoint():
    assert host_endpoint("ldap.corp:636").address == "ldap.corp:636"
    assert host_endpoint("[fd00::5]:636").host == "fd00::5"
    assert host_endpoint("[fd00::5]:636").address == "[fd00::5]:636"
    for text in ("fd00::5:636", "a:1:2", "ldap.corp", ":1", "ldap:0", "ldap:65536", "ldap:x", ""):
        with pytest.raises(UsageError, match="HOST:PORT"):
            host_endpoint(text)


def read(**row):
    return [
        (each.label, each.address, each.role.value) for each in from_row("mq", {"name": "b", **row}, region="r")
    ]


def test_a_row_with_a_host_is_one_endpoint_and_one_without_has_none_yet():
    assert read(host="h", port=5432) == [("mq/b", "h:5432", "instance")]
    assert read(host=None, port=5432) == [("mq/b", "", "instance")]
    assert read(each=[{"host": None, "port": 1}, None]) == [("mq/b", "", "instance")]
    assert read(address=None) == [("mq/b", "", "instance")]


def test_addresses_are_endpoints_called_by_their_scheme_and_numbered_where_it_is_the_same():
    assert read(address="ssl://h1:61617,wss://h1:61619,ssl://h2:61617") == [
        ("mq/b (ssl-1)", "h1:61617", "custom"),
        ("mq/b (wss)", "h1:61619", "custom"),
        ("mq/b (ssl-2)", "h2:61617", "custom"),
    ]
    assert read(address="h1:9094,h2:9094", part="tls") == [
        ("mq/b (tls-1)", "h1:9094", "custom"),
        ("mq/b (tls-2)", "h2:9094", "custom"),
    ]
    assert read(address="https://h1") == [("mq/b", "h1:443", "instance")]
    assert read(address="h1", port=9092) == [("mq/b", "h1:9092", "instance")]


def test_a_part_that_is_alone_is_what_the_name_means():
    assert read(each=[{"part": "443", "host": "h", "port": 443}]) == [("mq/b", "h:443", "instance")]
    assert read(each=[{"part": "443", "host": "h", "port": 443}, {"part": "80", "host": "h", "port": 80}]) == [
        ("mq/b (443)", "h:443", "custom"),
        ("mq/b (80)", "h:80", "custom"),
    ]


def test_a_reader_and_the_main_one_are_no_parts_and_a_custom_one_is_called_by_its_host():
    each = [{"role": "writer", "host": "w", "port": 1, "part": "x"}, {"role": "reader", "host": "r", "port": 1}]
    assert read(each=[*each, {"role": "custom", "host": "sums.c0ffee", "port": 1}]) == [
        ("mq/b", "w:1", "writer"),
        ("mq/b (reader)", "r:1", "reader"),
        ("mq/b (sums)", "sums.c0ffee:1", "custom"),
    ]


def test_a_row_tells_the_rest_and_its_arn_the_account():
    row = {
        "name": "b",
        "host": "h",
        "port": 1,
        "tls": False,
        "groups": ["sg-1", None],
        "subnets": None,
        "iam": None,
    }
    [found] = from_row("mq", {**row, "arn": "arn:aws:mq:r:123456789012:broker:b", "vpc": None}, region="r")
    assert found == Endpoint("mq", "b", "h", 1, tls=False, groups=("sg-1",), region="r", account="123456789012")
    [found] = from_row("mq", {"name": "b", "host": "h", "port": 1, "tls": None}, region="r")
    assert (found.tls, found.account) == (True, "")
