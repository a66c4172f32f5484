"""Answers are read as botocore's parsers read them: instances, nodes, sessions and refusals."""

import functools
import json
import re
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import botocore.httpsession
import botocore.loaders
import botocore.model
import botocore.parsers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.aws import authorities
from ssmx.aws.hot import botocores_bundle
from ssmx.aws.lean import answers
from ssmx.aws.lean.http import Answer
from tests.bench import rendered
from tests.conftest import ROOT
from tests.stub import instance


@functools.cache
def operation(service, name):
    model = botocore.loaders.Loader().load_service_model(service, "service-2")
    return botocore.model.ServiceModel(model, service).operation_model(name)


def botocores(service, name, answer):
    shape = operation(service, name).output_shape
    parser = botocore.parsers.create_parser("ec2" if service == "ec2" else "json")
    said = {"body": answer.body, "headers": answer.headers, "status_code": answer.status}
    return parser.parse(said, shape if answer.status < 300 else None)


def cut(part, like):
    """What of botocore's answer ours has: in structures the same names, all of them where it is a list's."""
    if isinstance(like, dict):
        return {name: cut(part[name], each) for name, each in like.items() if name in part}
    if isinstance(like, list):
        assert len(part) == len(like)
        return [cut(*pair) for pair in zip(part, like, strict=True)]
    return part


READ = {  # what ssmx/aws/inventory.py reads of an instance
    *("InstanceId", "State", "StateTransitionReason", "PlatformDetails", "PrivateIpAddress", "PrivateDnsName"),
    *("PublicDnsName", "NetworkInterfaces", "VpcId", "SubnetId", "SecurityGroups", "InstanceLifecycle"),
    *("Placement", "InstanceType", "LaunchTime", "Tags"),
}


def same(body):
    answer = Answer(200, {}, body)
    ours, theirs = answers.instances(answer), botocores("ec2", "DescribeInstances", answer)
    assert ours == cut(theirs, ours)
    assert ours.get("NextToken") == theirs.get("NextToken")
    for mine, other in zip(ours["Reservations"], theirs["Reservations"], strict=True):
        assert mine.get("OwnerId") == other.get("OwnerId")
        for one, whole in zip(mine["Instances"], other["Instances"], strict=True):
            assert set(one) == READ & set(whole)
            for each, interface in zip(
                one.get("NetworkInterfaces", ()), whole.get("NetworkInterfaces", ()), strict=True
            ):
                assert set(each) == {name for name, _ in answers._INTERFACE.values()} & set(interface)
    return ours


def reservations(inside, more=""):
    found = f"<reservationSet>{inside}</reservationSet>{more}"
    return f'<DescribeInstancesResponse xmlns="x">{found}</DescribeInstancesResponse>'


def test_the_accounts_of_the_benches():
    known = rendered.Rendered(30)
    _, body = rendered.answer(known, "DescribeInstances", {"MaxResults": "20"})
    assert len(same(body)["Reservations"]) == 20


def test_instances_of_the_stub():
    body = reservations(instance(7, "a &amp; b &#228;"), "<nextToken>7</nextToken>").encode()
    assert same(body)["Reservations"][0]["Instances"][0]["Tags"] == [{"Key": "Name", "Value": "a & b ä"}]


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<item/>",
        "<item><instancesSet/></item>",
        "<item><ownerId/><instancesSet><item><instanceId>i-1</instanceId><tagSet/></item></instancesSet></item>",
        (
            "<item><instancesSet><item><dnsName/><reason>User initiated (2026-11-02 17:04:11 GMT)</reason>"
            "<placement/><instanceState><code>80</code><name>stopped</name></instanceState></item></instancesSet></item>"
        ),
        (
            "<item><instancesSet><item><networkInterfaceSet><item><attachment><deviceIndex>1</deviceIndex>"
            "<networkCardIndex>0</networkCardIndex></attachment><ipv6AddressesSet><item><ipv6Address>::1</ipv6Address>"
            "</item></ipv6AddressesSet><groupSet><item><groupId>sg-1</groupId></item></groupSet></item>"
            "</networkInterfaceSet></item><item><launchTime>2026-01-01T00:00:00.123Z</launchTime></item>"
            "</instancesSet></item>"
        ),
        "<item><instancesSet><item><tagSet><item><key>k</key><value/></item></tagSet></item></instancesSet></item>",
        "<item><instancesSet><item><unknown><deep>1</deep></unknown></item></instancesSet></item>",
    ],
)
def test_instances_of_little(inside):
    answer = Answer(200, {}, reservations(inside).encode())
    ours, theirs = answers.instances(answer), botocores("ec2", "DescribeInstances", answer)
    assert ours == cut(theirs, ours)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_tags_of_any_text(pairs):
    rows = "".join(f"<item><key>{escape(key)}</key><value>{escape(value)}</value></item>" for key, value in pairs)
    same(reservations(f"<item><instancesSet><item><tagSet>{rows}</tagSet></item></instancesSet></item>").encode())


@pytest.mark.parametrize("body", [b"", b"<html>", b"no XML", b"<a/>", b"<a>text</a>", b'{"a": 1}'])
def test_what_holds_no_instances_is_told_or_has_none(body):
    try:
        found = answers.instances(Answer(200, {}, body))
    except answers.UnreadableError:
        return
    assert "Reservations" not in found  # which inventory takes for an answer that is not AWS's


NODES = {
    "DescribeInstanceInformation": "InstanceInformationList",
    "DescribeInstanceProperties": "InstanceProperties",
}


@pytest.mark.parametrize(("name", "rows"), NODES.items())
def test_nodes(name, rows):
    known = rendered.Rendered(3)
    _, body = rendered.answer(known, name, {"MaxResults": 2})
    answer = Answer(200, {}, body)
    ours, theirs = answers.nodes(answers.of_json(answer), rows), botocores("ssm", name, answer)
    assert theirs["NextToken"] == ours["NextToken"]
    read = named(ROOT / "ssmx" / "aws" / "managed.py") & set(
        operation("ssm", name).output_shape.members[rows].member.members
    )
    assert {"PingStatus", "LastPingDateTime", "RegistrationDate"} <= read
    for mine, other in zip(ours[rows], theirs[rows], strict=True):
        assert {name: mine.get(name) for name in read} == {name: other.get(name) for name in read}


def test_regions():
    _, body = rendered.answer(rendered.Rendered(1), "DescribeRegions", {})
    answer = Answer(200, {}, body)
    ours, theirs = answers.regions(answer), botocores("ec2", "DescribeRegions", answer)
    assert ours == cut(theirs, ours)
    assert len(ours["Regions"]) == len(rendered.REGIONS)


def named(path):
    """The names with which a file reads an answer."""
    return set(re.findall(r'(?:get\(|\[)"([A-Z]\w+)"', path.read_text()))


def test_what_the_inventory_reads_is_read_of_the_answers():
    """What is not would be as if AWS had not said it."""

    def members(shape):
        inside = {"structure": lambda: shape.members, "list": lambda: {"": shape.member}}.get(
            shape.type_name, dict
        )()
        return set(inside) | {name for each in inside.values() for name in members(each)}

    def ours(about):
        inside = about[0] if isinstance(about, list) else about
        return {
            name
            for each, kind in inside.values()
            for name in {each} | (ours(kind) if isinstance(kind, list | dict) else set())
        }

    told = members(operation("ec2", "DescribeInstances").output_shape)
    assert named(ROOT / "ssmx" / "aws" / "inventory.py") & told == ours(answers._INSTANCES) - {"NextToken"}


@given(st.floats(0, 4e9) | st.integers(0, 4_000_000_000))
def test_times_of_nodes(when):
    body = {"InstanceInformationList": [{"InstanceId": "mi-1", "LastPingDateTime": when, "Name": None}]}
    answer = Answer(200, {}, json.dumps(body).encode())
    (mine,) = answers.nodes(answers.of_json(answer), "InstanceInformationList")["InstanceInformationList"]
    (other,) = botocores("ssm", "DescribeInstanceInformation", answer)["InstanceInformationList"]
    assert mine == other
    assert mine["LastPingDateTime"] == datetime.fromtimestamp(when, UTC)


@pytest.mark.parametrize("body", [b"[]", b"<html>", b'{"InstanceInformationList": 1}', b"{}", b"\xff"])
def test_what_holds_no_nodes(body):
    with pytest.raises(answers.UnreadableError):
        answers.nodes(answers.of_json(Answer(200, {}, body)), "InstanceInformationList")


REFUSALS = [
    (400, {}, b'{"__type":"TargetNotConnected","message":"i-1 is not connected"}'),
    (400, {}, b'{"__type":"com.amazonaws.ssm#AccessDeniedException","Message":"no"}'),
    (400, {}, b'{"__type":"Throttling:http://x","message":null}'),
    (400, {"x-amzn-query-error": "Other;Sender"}, b'{"__type":"X","message":"m"}'),
    (403, {}, b"{}"),
    (500, {}, b""),
    (503, {}, b"<html><body>Service Unavailable</body></html>"),
    (502, {}, b"bad gateway"),
    (400, {}, b"not JSON"),
]


@pytest.mark.parametrize(("status", "headers", "body"), REFUSALS)
def test_refusals_of_systems_manager(status, headers, body):
    answer = Answer(status, headers, body)
    with pytest.raises(answers.RefusedError) as caught:
        answers.of_json(answer)
    theirs = botocores("ssm", "StartSession", answer)["Error"]
    assert (caught.value.code, caught.value.response["Error"]["Message"]) == (
        theirs["Code"],
        theirs["Message"] or "",
    )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("status", [400, 403, 503])
def test_refusals_of_ec2(status):
    said = "<Error><Code>UnauthorizedOperation</Code><Message>You are not &lt;it&gt;</Message></Error>"
    answer = Answer(status, {}, f"<Response><Errors>{said}</Errors><RequestID>1</RequestID></Response>".encode())
    with pytest.raises(answers.RefusedError) as caught:
        answers.instances(answer)
    theirs = botocores("ec2", "DescribeInstances", answer)["Error"]
    assert caught.value.response["Error"] == theirs


def test_the_bundle_is_botocores():
    assert botocores_bundle() == botocore.httpsession.where()


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.long)])
def test_a_folder_of_authorities_has_the_names_that_openssl_looks_for(tmp_path, step):
    bundle = botocore.httpsession.where()
    folder = authorities.hashed(bundle, lambda: tmp_path)
    assert folder == authorities.hashed(bundle, lambda: tmp_path)
    whole = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    whole.load_verify_locations(bundle)
    kept = [each for each in (tmp_path / folder).iterdir() if each.name != "size"]
    assert len(kept) == len(whole.get_ca_certs())
    for path in kept[::step]:
        words = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(path)]
        try:
            said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        except FileNotFoundError:
            pytest.skip("no openssl to ask")
        assert path.name.partition(".")[0] == said


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n"])
def test_a_bundle_that_is_no_list_of_certificates_is_left_whole(tmp_path, text):
    bundle = tmp_path / "ca.pem"
    bundle.write_text(text)
    assert authorities.hashed(str(bundle), lambda: tmp_path / "cache") == ""


@pytest.mark.parametrize("odd", ["folder", "parent"])
def test_a_folder_of_authorities_that_others_write_into_is_none(tmp_path, odd):
    bundle, cache = botocore.httpsession.where(), tmp_path / "cache"
    cache.mkdir(mode=0o700)
    folder = Path(authorities.hashed(bundle, lambda: cache))
    (folder if odd == "folder" else cache).chmod(0o777)
    assert authorities.hashed(bundle, lambda: cache) == ""


def test_a_link_in_the_place_of_a_folder_of_authorities_is_not_followed(tmp_path):
    bundle, cache = botocore.httpsession.where(), tmp_path / "cache"
    cache.mkdir(mode=0o700)
    folder = Path(authorities.hashed(bundle, lambda: cache))
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert authorities.hashed(bundle, lambda: cache) == ""


@pytest.mark.parametrize("lost", ["one", "content", "all"])
def test_a_folder_of_authorities_that_lacks_something_is_made_anew(tmp_path, lost):
    bundle = botocore.httpsession.where()
    folder = Path(authorities.hashed(bundle, lambda: tmp_path))
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    for each in sorted(folder.iterdir())[: None if lost == "all" else 1]:
        if lost == "content":
            each.write_bytes(b"")
        else:
            each.unlink()
    assert authorities.hashed(bundle, lambda: tmp_path) == str(folder)
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_what_nobody_could_mean_is_unreadable():
    """Nests deeper than Python goes, and times that are too large."""
    deep = b"[" * 200_000
    with pytest.raises(answers.UnreadableError):
        answers.of_json(Answer(200, {}, deep))
    with pytest.raises(answers.RefusedError):
        answers.of_json(Answer(400, {}, deep))
    for time in (1e17, 1e300, float("nan")):
        with pytest.raises(answers.UnreadableError):
            answers.nodes({"InstanceInformationList": [{"LastPingDateTime": time}]}, "InstanceInformationList")
