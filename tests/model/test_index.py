"""What the index takes in, what it gives, and what is no index."""

from dataclasses import asdict
from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmx.model.endpoint import Endpoint, Role
from ssmx.model.index import Alias, Documents, Endpoints, Index, Nodes, Scope, parse, written
from ssmx.model.target import Target

HERE = Scope("123456789012", "eu-west-1", "prod")


def node(number, name, **changed):
    about = {"state": "running", "ping": "Online", "account": HERE.account, "tags": {"Name": name}}
    return Target(f"i-{number:08x}", HERE.region, name=name, **{**about, **changed})


def index(*answers):
    made = Index(HERE)
    for each in answers:
        made.learn(each)
    return made


def ids(targets):
    return [int(each.id[2:], 16) for each in targets]


def fresh(known, name, since=0.0):
    return ids(known.named(name, since=since, until=inf))


def test_a_node_comes_back_as_it_went_in():
    told = node(
        1,
        "a\tb\\c\nd é",
        last_ping=datetime(2026, 11, 28, 4, 0, tzinfo=UTC),
        launched=datetime(2026, 11, 1, tzinfo=UTC),
        agent_version="3.3.1",
        platform="Amazon Linux",
        private_ip="10.0.0.1",
        private_dns="ip-10-0-0-1.ec2.internal",
        public_dns="ec2-1.amazonaws.com",
        vpc="vpc-1",
        zone="eu-west-1a",
        type="m5.large",
        spot=True,
        tags={"Name": "a\tb\\c\nd é", "Role": "x\\ty", "Empty": ""},
    )
    [found] = parse(written(index(Nodes(5.0, [told], every=True)))).targets()
    assert asdict(found) == asdict(told)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(st.text(), st.dictionaries(st.text(min_size=1).filter(lambda k: "=" not in k), st.text())),
        max_size=4,
    )
)
def test_whatever_a_tag_holds_an_index_is_read_as_it_was_written(told):
    nodes = [node(at, name, tags=tags) for at, (name, tags) in enumerate(told)]
    made = index(Nodes(5.0, nodes, every=True), Documents(5.0, [name for name, _ in told]), Alias("prod"))
    assert parse(written(made)) == made


NAMES = st.sampled_from(["api", "web", "api-2", "a\tb", "a\\b", "a\nb", "", "node", "é"])


@given(st.lists(st.tuples(NAMES, NAMES), max_size=5), NAMES)
def test_about_one_node_the_same_is_read_as_out_of_the_whole(told, name):
    nodes = [node(at, each, tags={"Role": role}) for at, (each, role) in enumerate(told)]
    text = written(index(Nodes(5.0, nodes, every=True), Documents(5.0, ["api", "web"]), Alias("api")))
    whole, part = parse(text), parse(text, about=name)
    assert part.named(name, since=0.0, until=inf) == whole.named(name, since=0.0, until=inf)
    assert (part.scope, part.listed, part.documents, part.alias) == (
        *(whole.scope, whole.listed, whole.documents, whole.alias),
    )
    for each in nodes:
        alone = parse(text, about=each.id)
        assert ids(alone.node(each.id, since=0.0, until=inf)) == ids([each])
        assert len(alone.nodes) == 1


@given(st.data())
def test_a_text_that_is_changed_anywhere_is_no_index(data):
    text = written(index(Nodes(5.0, [node(1, "api"), node(2, "web")], every=True)))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(b"0a\t\n\\").filter(lambda each: each != text[at]))
    with pytest.raises(ValueError, match=r"."):
        parse(text[:at] + bytes([other]) + text[at + 1 :])
    with pytest.raises(ValueError, match=r"."):
        parse(text[:at])


@pytest.mark.parametrize("text", [b"", b"\n", b"ssmx-index 2\nend\t0\n", b"<html>", b"\xff\xfe\n\n"])
def test_other_texts_are_no_index(text):
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_name_is_known_only_while_all_its_nodes_were_told_of():
    known = index(Nodes(100.0, [node(1, "api"), node(2, "web")], every=True))
    assert fresh(known, "api", since=100.0) == [1]
    assert fresh(known, "api", since=101.0) == []
    known.learn(Nodes(200.0, [node(1, "api")], ids=["i-00000001"]))  # whether it has a namesake, this does not say
    assert fresh(known, "api", since=150.0) == []
    assert ids(known.node("i-00000001", since=150.0, until=inf)) == [1]
    known.learn(Nodes(300.0, [node(1, "api"), node(3, "api")], names=["api"]))
    assert fresh(known, "api", since=250.0) == [1, 3]


def test_a_time_to_come_is_not_trusted():
    known = index(Nodes(1000.0, [node(1, "api")], every=True))
    assert known.named("api", since=0.0, until=500.0) == []


def test_what_is_gone_is_forgotten_by_an_answer_that_would_have_had_it():
    everything = Nodes(100.0, [node(1, "api"), node(2, "api"), node(3, "web")], every=True)
    assert sorted(ids(index(everything, Nodes(200.0, [node(1, "api")], names=["api"])).targets())) == [1, 3]
    assert sorted(ids(index(everything, Nodes(200.0, [], names=["a*"])).targets())) == [3]
    assert sorted(ids(index(everything, Nodes(200.0, [], ids=["i-00000003"])).targets())) == [1, 2]
    assert sorted(ids(index(everything, Nodes(200.0, [node(1, "api")])).targets())) == [1, 2, 3]
    assert ids(index(everything, Nodes(200.0, [node(9, "new")], every=True)).targets()) == [9]


def test_a_terminated_node_is_gone():
    known = index(Nodes(100.0, [node(1, "api")], every=True))
    known.learn(Nodes(200.0, [node(1, "api", state="terminated")], ids=["i-00000001"]))
    assert known.targets() == []


def test_a_node_with_another_name_has_left_the_former_one():
    known = index(Nodes(100.0, [node(1, "api")], every=True), Nodes(200.0, [node(1, "web")], ids=["i-00000001"]))
    assert fresh(known, "api") == []
    assert fresh(known, "web", since=150.0) == []
    assert known.has("web")


def test_an_answer_that_comes_late_changes_nothing_newer():
    known = index(Nodes(200.0, [node(1, "api", ping="ConnectionLost")], names=["api"]))
    known.learn(Nodes(100.0, [node(1, "api"), node(2, "api")], every=True))
    assert {each.id: each.ping for each in known.targets()} == {
        "i-00000001": "ConnectionLost",
        "i-00000002": "Online",
    }


def test_what_a_wrong_clock_has_said_does_not_stay():
    known = index(Nodes(9_000_000.0, [node(1, "api", ping="ConnectionLost")], every=True))
    known.learn(Nodes(100.0, [node(1, "api")], every=True))
    assert known.targets()[0].ping == "Online"


def rds(name, role=Role.INSTANCE, part=""):
    return Endpoint("rds", name, f"{name}.rds", 5432, role, part)


def test_endpoints_are_those_of_the_last_answer_about_them():
    known = index(Endpoints(100.0, ["rds", "mq"], [rds("orders"), rds("orders", Role.READER), rds("crm")]))
    assert known.endpoint_words() == ["rds/crm", "rds/orders"]
    known.learn(Endpoints(200.0, ["rds"], [rds("orders")], "orders"))
    assert known.services() == {"rds": 2}
    known.learn(Endpoints(300.0, ["rds"], [], "ORDERS"))
    assert known.endpoint_words() == ["rds/crm"]
    known.learn(Endpoints(400.0, ["mq"], []))
    assert known.endpoint_words() == ["rds/crm"]
    assert known.has_endpoint(["mq", "rds"], "CRM")
    assert not known.has_endpoint(["mq"], "crm")
    known.learn(Endpoints(500.0, ["rds"], []))
    assert known.endpoint_words() == []


def test_shells_get_words_in_the_order_of_their_bytes_and_none_a_terminal_cannot_show():
    tags = {
        "Name": "z",
        "Role": "api",
        "aws:autoscaling:groupName": "web-asg",
        "aws:cloudformation:stack-id": "arn",
    }
    known = index(
        Nodes(1.0, [node(1, "z", tags=tags), node(2, "a b"), node(3, "ä"), node(4, "a\x1b[2J"), node(5, "")])
    )
    assert known.names() == ["a b", "z", "ä"]
    assert known.words() == ["Role=api", "asg/web-asg", *(f"i-{at:08x}" for at in (1, 2, 3, 4, 5))]


def test_a_name_that_is_no_unicode_is_kept_as_well_as_can_be():
    known = parse(written(index(Nodes(1.0, [node(1, "a\ud800b"), node(2, "web")]))))
    assert [each.name for each in known.targets()] == ["a?b", "web"]


def test_shells_get_no_name_that_means_something_else_where_it_is_typed():
    others = (
        "web%prod",
        "web%/eu-west-1",
        "w*",
        "Role=api",
        "10.0.0.1",
        "i-0a0a0a0a",
        "asg/x",
        "ip-10-0-0-1",
        "-p",
    )
    known = index(Nodes(1.0, [node(at, name) for at, name in enumerate(("ok", "100%", "a.b:c", *others))]))
    assert known.names() == ["100%", "a.b:c", "ok"]


def test_scopes_that_differ_have_different_names():
    scopes = [
        HERE,
        Scope("1", "r", "a,b"),
        Scope("1", "r", "a", "b"),
        Scope("1", "r", "a/b"),
        Scope("1", "r", "a%2Cb"),
    ]
    assert len({each.name for each in scopes}) == len(scopes)
    assert all("/" not in each.name for each in scopes)
