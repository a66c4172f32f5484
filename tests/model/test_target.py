from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.errors import UsageError
from ssmx.model.target import (
    Address,
    DnsName,
    Group,
    Name,
    NodeId,
    Nothing,
    One,
    Pick,
    Several,
    Tags,
    Target,
    Unreachable,
    choose,
    parse,
    queries_for,
    tags_match,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i-0123456789abcdef0", NodeId),
        ("i-0abc1234", NodeId),
        ("mi-0123456789abcdef0", NodeId),
        ("payments-api", Name),
        ("i-am-a-name", Name),
        ("pay*", Name),
        ("ip-10-0-12-87", Name),
        ("web.prod.example", Name),
        ("päyments api", Name),
        ("10.0.12.87", Address),
        ("fd00::1", Address),
        ("ip-10-0-12-87.ec2.internal", DnsName),
        ("ip-10-0-12-87.eu-west-1.compute.internal", DnsName),
        ("i-0123456789abcdef0.eu-west-1.compute.internal", DnsName),
        ("ec2-3-4-5-6.eu-west-1.compute.amazonaws.com", DnsName),
        ("ec2-3-4-5-6.cn-north-1.compute.amazonaws.com.cn", DnsName),
        ("asg/web", Group),
        ("Role=api", Tags),
        ("Name=i-0123456789abcdef0", Tags),
    ],
)
def test_what_the_user_types_is_understood(text, kind):
    assert type(parse(text)) is kind


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Role=api,Env=prod", (("Role", "api"), ("Env", "prod"))),
        ("Owner=Ravi, platform team", (("Owner", "Ravi, platform team"),)),
        ("aws:cloudformation:stack-name=x", (("aws:cloudformation:stack-name", "x"),)),
        ("Query=a=b", (("Query", "a=b"),)),
        ("Empty=", (("Empty", ""),)),
    ],
)
def test_tags_keep_commas_colons_and_equals_signs_of_their_values(text, pairs):
    assert parse(text) == Tags(text, pairs)


@given(st.text())
def test_any_text_is_a_spec_or_a_usage_error(text):
    try:
        spec = parse(text)
    except UsageError:
        return
    assert spec.text.lower() == text.lower()
    queries_for(spec)


def test_a_name_is_asked_for_exactly_and_among_the_living():
    (query,) = queries_for(parse(r"a\b"))
    assert query["tag:Name"] == (r"a\\b",)
    assert "terminated" not in query["instance-state-name"]


def test_the_host_name_of_an_address_is_also_that_address():
    assert [set(query) - {"instance-state-name"} for query in queries_for(parse("ip-10-0-12-87"))] == [
        {"tag:Name"},
        {"network-interface.addresses.private-ip-address"},
    ]


def test_a_public_looking_address_may_be_private():
    assert len(queries_for(parse("3.4.5.6"))) == 2
    assert len(queries_for(parse("10.0.0.1"))) == 1


def node(number, *, ping="Online", state="running", days=0):
    return Target(
        f"i-{number:017x}", "eu-west-1", name="web", state=state, ping=ping, launched=START + timedelta(days=days)
    )


def test_one_online_node_is_taken_and_its_namesakes_are_told():
    asleep = node(2, state="stopped", ping="")
    assert choose([asleep, node(1)]) == One(node(1), (asleep,))


def test_several_online_nodes_are_not_guessed_between():
    assert choose([node(2), node(1)]) == Several((node(1), node(2)))


@pytest.mark.parametrize(("pick", "number"), [(Pick.NEWEST, 2), (Pick.OLDEST, 3), (Pick.ANY, 1)])
def test_a_pick_decides(pick, number):
    found = [node(1, days=5), node(2, days=9), node(3, days=1)]
    assert choose(found, pick).target.id == f"i-{number:017x}"


def test_a_pick_never_takes_a_node_that_is_asleep():
    assert choose([node(1), node(2, ping="ConnectionLost", days=9)], Pick.NEWEST).target == node(1)


def test_only_sleeping_nodes_are_unreachable_and_none_is_nothing():
    asleep = node(1, state="stopped", ping="")
    assert choose([asleep]) == Unreachable((asleep,))
    assert choose([]) == Nothing()


@pytest.mark.parametrize(
    ("wanted", "value", "fits"),
    [
        ("api", "api", True),
        ("api", "Api", False),
        ("a*", "api", True),
        ("a?i", "api", True),
        ("[a]*", "api", False),
        ("[a]*", "[a]pi", True),
        ("", "", True),
    ],
)
def test_tags_are_compared_as_ec2_compares_them(wanted, value, fits):
    assert tags_match([("Role", wanted)], {"Role": value}) is fits
    assert not tags_match([("Other", wanted)], {"Role": value})
