"""Sessions and their documents, as the API has them."""

from __future__ import annotations

import json
import re

import pytest

from ssmx.sandbox.control import Running

from .conftest import Client, client_of, node_named, refused


def test_a_session_is_started_described_and_terminated(ssm: Client, node: str, running: Running) -> None:
    session = ssm.start_session(Target=node, Reason="because")
    assert re.fullmatch(r"ravi-[a-z0-9]{26}", session["SessionId"])
    assert len(session["TokenValue"]) <= 300
    cell = session["StreamUrl"].partition("&cell-number=")[2]
    assert set("+/=") <= set(cell)
    own = [{"key": "SessionId", "value": session["SessionId"]}]
    described = ssm.describe_sessions(State="Active", Filters=own)["Sessions"]
    assert len(described) == 1
    assert described[0] | {"StartDate": 0} == {
        "SessionId": session["SessionId"],
        "Target": node,
        "Status": "Connecting",
        "StartDate": 0,
        "Owner": f"arn:aws:iam::{running.account}:user/ravi",
        "DocumentName": "SSM-SessionManagerRunShell",
        "Reason": "because",
        "OutputUrl": {},
        "AccessType": "Standard",
    }
    assert ssm.terminate_session(SessionId=session["SessionId"])["SessionId"] == session["SessionId"]
    assert ssm.describe_sessions(State="Active", Filters=own)["Sessions"] == []
    ended = ssm.describe_sessions(State="History", Filters=own)["Sessions"][0]
    assert ended["Status"] == "Terminated"
    assert ended["EndDate"] >= ended["StartDate"]


def test_what_has_ended_is_neither_resumed_nor_terminated(ssm: Client, node: str) -> None:
    session = ssm.start_session(Target=node)["SessionId"]
    ssm.terminate_session(SessionId=session)
    assert refused(ssm.terminate_session, SessionId=session) == (
        "ValidationException",
        "Session is not in a valid state",
    )
    resumed = ssm.resume_session(SessionId=session)
    assert resumed["SessionId"] == session
    assert "TokenValue" not in resumed
    for call in (ssm.resume_session, ssm.terminate_session):
        assert refused(call, SessionId="ravi-nosuchsession")[0] == "DoesNotExistException"


def test_sessions_are_filtered_and_paged(ssm: Client, ec2: Client, node: str, running: Running) -> None:
    other = node_named(ec2, "ledger-01")
    started = [ssm.start_session(Target=target)["SessionId"] for target in (node, other, other)]

    def found(**filters: str) -> list[str]:
        listed = [{"key": key, "value": value} for key, value in filters.items()]
        return [each["SessionId"] for each in ssm.describe_sessions(State="Active", Filters=listed)["Sessions"]]

    try:
        assert found(Target=other) == [started[2], started[1]]
        owner = f"arn:aws:iam::{running.account}:user/ravi"
        assert set(started) <= set(found(Owner=owner, Status="Connecting", AccessType="Standard"))
        assert found(Target=other, InvokedBefore="2020-01-01T00:00:00Z") == []
        assert len(found(Target=other, InvokedAfter="2020-01-01T00:00:00Z")) == 2
        pages = ssm.get_paginator("describe_sessions").paginate(State="Active", PaginationConfig={"PageSize": 1})
        paged = [[each["SessionId"] for each in page["Sessions"]] for page in pages]
        assert all(len(page) == 1 for page in paged)
        assert {page[0] for page in paged} >= set(started)
    finally:
        for session in started:
            ssm.terminate_session(SessionId=session)
    assert refused(ssm.describe_sessions, State="Active", NextToken="xyz")[0] == "InvalidNextToken"
    assert refused(ssm.describe_sessions, State="Active", MaxResults=201)[0] == "ValidationException"
    assert refused(ssm.describe_sessions, State="Other")[0] == "ValidationException"
    assert refused(ssm.describe_sessions, State="Active", Filters=[{"key": "Colour", "value": "x"}])[0] == (
        "InvalidFilterKey"
    )


def test_a_region_of_its_own_has_its_own_sessions_and_nodes(running: Running, ssm: Client, node: str) -> None:
    elsewhere = client_of(running, "ssm", region="us-west-2")
    assert elsewhere.describe_instance_information()["InstanceInformationList"] == []
    assert refused(elsewhere.start_session, Target=node)[0] == "TargetNotConnected"
    session = ssm.start_session(Target=node)["SessionId"]
    assert refused(elsewhere.resume_session, SessionId=session)[0] == "DoesNotExistException"
    ssm.terminate_session(SessionId=session)


@pytest.mark.parametrize(
    ("document", "parameters", "code", "text"),
    [
        ("Nothing", {}, "InvalidDocument", "Document with name Nothing does not exist."),
        ("SSM-SessionManagerRunShell", {}, "InvalidDocument", "SSM-SessionManagerRunShell does not exist"),
        ("AWS-StartSSHSession", {"port": ["22"]}, "InvalidParameters", 'Parameter "port" is not defined'),
        ("AWS-StartSSHSession", {"portNumber": ["0"]}, "InvalidParameters", 'has value "0" not matching'),
        ("AWS-StartSSHSession", {"portNumber": ["1", "2"]}, "InvalidParameters", "takes one value"),
        ("AWS-StartPortForwardingSession", {"portNumber": ["65536"]}, "InvalidParameters", "not matching"),
        ("AWS-StartPortForwardingSessionToRemoteHost", {"host": ["a|b"]}, "InvalidParameters", "not matching"),
        ("AWS-StartPortForwardingSessionToRemoteHost", {"host": ["[::1]"]}, "InvalidParameters", "not matching"),
        ("AWS-StartInteractiveCommand", {}, "InvalidParameters", 'Parameter "command" requires a value'),
    ],
)
def test_a_document_that_does_not_fit_is_refused(
    ssm: Client, node: str, document: str, parameters: dict[str, list[str]], code: str, text: str
) -> None:
    got = refused(ssm.start_session, Target=node, DocumentName=document, Parameters=parameters)
    assert got[0] == code
    assert text in got[1]


def test_the_bounds_of_a_reason(ssm: Client, node: str) -> None:
    assert refused(ssm.start_session, Target=node, Reason="x" * 257)[0] == "ValidationException"
    assert refused(ssm.start_session, Target=node, Reason="")[0] == "ValidationException"
    assert refused(ssm.start_session, Target="x" * 401)[0] == "ValidationException"


@pytest.mark.parametrize(
    "name",
    [
        "AWS-StartSSHSession",
        "AWS-StartPortForwardingSession",
        "AWS-StartPortForwardingSessionToRemoteHost",
        "AWS-StartInteractiveCommand",
        "AWS-StartNonInteractiveCommand",
    ],
)
def test_the_documents_of_aws_can_be_read(ssm: Client, name: str) -> None:
    got = ssm.get_document(Name=name)
    content = json.loads(got["Content"])
    assert (got["DocumentType"], content["schemaVersion"]) == ("Session", "1.0")
    described = ssm.describe_document(Name=f"arn:aws:ssm:eu-west-1::document/{name}")["Document"]
    assert (described["Owner"], described["DocumentType"]) == ("Amazon", "Session")
    assert {each["Name"] for each in described["Parameters"]} == set(content["parameters"])


def test_a_document_of_the_account_works_in_its_newest_version(ssm: Client, node: str) -> None:
    def content(pattern: str) -> str:
        parameters = {"name": {"type": "String", "default": "x", "allowedPattern": pattern}}
        linux = {"linux": {"commands": "echo {{ name }}", "runAsElevated": False}}
        return json.dumps(
            {
                "schemaVersion": "1.0",
                "sessionType": "InteractiveCommands",
                "parameters": parameters,
                "properties": linux,
            }
        )

    ssm.create_document(Name="Greet", DocumentType="Session", DocumentFormat="JSON", Content=content("^a$"))
    ssm.update_document(Name="Greet", DocumentVersion="$LATEST", Content=content("^b$"))
    assert ssm.get_document(Name="Greet", DocumentVersion="$DEFAULT")["DocumentVersion"] == "1"
    session = ssm.start_session(Target=node, DocumentName="Greet", Parameters={"name": ["b"]})["SessionId"]
    ssm.terminate_session(SessionId=session)
    assert refused(ssm.start_session, Target=node, DocumentName="Greet", Parameters={"name": ["a"]})[0] == (
        "InvalidParameters"
    )
    ssm.delete_document(Name="Greet")
    assert refused(ssm.get_document, Name="Greet")[0] == "InvalidDocument"


def test_a_command_document_is_no_session_document(ssm: Client, node: str) -> None:
    step = {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}
    content = json.dumps({"schemaVersion": "2.2", "description": "x", "mainSteps": [step]})
    ssm.create_document(Name="Patch", DocumentType="Command", DocumentFormat="JSON", Content=content)
    assert refused(ssm.start_session, Target=node, DocumentName="Patch") == (
        "InvalidDocument",
        "Document type: 'Command' is not supported. Only type: 'Session' is supported for Session Manager.",
    )
    ssm.delete_document(Name="Patch")
