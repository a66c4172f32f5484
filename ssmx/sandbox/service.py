"""Session Manager's API as a subclass of moto's Systems Manager, which has nothing of it.

Errors are raised as moto's own SSMException: its serializer derives the service model from the module in which an
exception's class is defined, so a class of ours would come out as HTTP 500 where its code is unknown to the model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.exceptions import SSMException
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.sts.models import sts_backends

from ssmx.sandbox import documents, managed, paging
from ssmx.sandbox.documents import AWS_OWNED, DEFAULT_SHELL, PREFERENCES, Work, WrongParameter
from ssmx.sandbox.nodes import ONLINE, Nodes
from ssmx.sandbox.sessions import Session, Sessions, Status

_SESSION_FILTERS = ("InvokedAfter", "InvokedBefore", "Target", "Owner", "Status", "SessionId", "AccessType")


class SessionService(SimpleSystemManagerResponse):
    """moto makes one object for each request; what outlives a request hangs on the class."""

    nodes: ClassVar[Nodes]
    sessions: ClassVar[Sessions]

    @property
    def _request(self) -> dict[str, Any]:
        body = json.loads(self.body or "{}")
        return body if isinstance(body, dict) else {}

    @property
    def _caller(self) -> str:
        backend = sts_backends[self.current_account]["aws"]
        return str(backend.get_caller_identity(self.get_access_key(), self.region)[1])

    # sessions

    def start_session(self) -> ActionResult:
        request = self._request
        target, reason = request.get("Target", ""), request.get("Reason", "")
        _bounded("target", target, 400)
        if "Reason" in request:
            _bounded("reason", reason, 256)
        work = self._work(request.get("DocumentName"), request.get("Parameters") or {})
        node = self.nodes.find(self.current_account, self.region, target)
        if node is None or node.ping != ONLINE:
            raise SSMException("TargetNotConnected", f"{target} is not connected.")
        session = self.sessions.start(
            account=self.current_account,
            region=self.region,
            node=node,
            work=work,
            owner=self._caller,
            reason=reason,
        )
        return self._opened(session)

    def resume_session(self) -> ActionResult:
        session = self.sessions.resume(
            self._request.get("SessionId", ""), account=self.current_account, region=self.region
        )
        if session is None:
            raise self._no_session()
        # A session that has ended resumes without a token: so the client learns that it timed out.
        return self._opened(session) if session.active else ActionResult({"SessionId": session.id})

    def terminate_session(self) -> ActionResult:
        session = self.sessions.find(
            self._request.get("SessionId", ""), account=self.current_account, region=self.region
        )
        if session is None:
            raise self._no_session()
        if not session.active:
            raise SSMException("ValidationException", "Session is not in a valid state")
        self.sessions.end(session.id)
        return ActionResult({"SessionId": session.id})

    def describe_sessions(self) -> ActionResult:
        request = self._request
        state = request.get("State")
        if state not in ("Active", "History"):
            raise SSMException("ValidationException", f"Value '{state}' at 'state' is not Active or History")
        filters = [(one["key"], one["value"]) for one in request.get("Filters") or []]
        for key, value in filters:
            _check_filter(key, value)
        chosen = [
            each
            for each in self.sessions.every()
            if each.active == (state == "Active")
            and (each.account, each.region) == (self.current_account, self.region)
            and all(_passes(each, key, value) for key, value in filters)
        ]
        try:
            size = paging.limit(request.get("MaxResults"), default=200, least=1, most=200)
            page, token = paging.cut(chosen, token=request.get("NextToken"), size=size)
        except paging.BadLimit as error:
            raise SSMException("ValidationException", str(error)) from error
        except paging.BadToken as error:
            raise SSMException("InvalidNextToken", "The specified token isn't valid.") from error
        return ActionResult({"Sessions": [_described(each) for each in page], "NextToken": token})

    def get_connection_status(self) -> ActionResult:
        target = self._request.get("Target", "")
        node = self.nodes.find(self.current_account, self.region, target)
        connected = node is not None and node.ping == ONLINE
        return ActionResult({"Target": target, "Status": "connected" if connected else "notconnected"})

    def _opened(self, session: Session) -> ActionResult:
        return ActionResult(
            {
                "SessionId": session.id,
                "TokenValue": session.token,
                "StreamUrl": self.sessions.stream_url(session),
            }
        )

    def _no_session(self) -> SSMException:
        wanted = self._request.get("SessionId", "")
        return SSMException("DoesNotExistException", f"Session {wanted} does not exist")

    def _work(self, name: str | None, parameters: Mapping[str, list[str]]) -> Work:
        preferences = self._content(PREFERENCES) or DEFAULT_SHELL
        short = (name or PREFERENCES).rsplit("document/", 1)[-1]
        content = preferences if name is None else AWS_OWNED.get(short) or self._content(short)
        if content is None:
            raise SSMException("InvalidDocument", f"Document with name {short} does not exist.")
        try:
            return documents.prepare(short, content, parameters, preferences)
        except WrongParameter as error:
            raise SSMException("InvalidParameters", str(error)) from error

    def _content(self, name: str) -> dict[str, Any] | None:
        """The newest version of an account's own session document; StartSession cannot name another."""
        found = self.ssm_backend._documents.get(name)
        if found is None:
            return None
        newest = found.versions[found.latest_version]
        if newest.document_type != "Session":
            raise SSMException(
                "InvalidDocument",
                f"Document type: '{newest.document_type}' is not supported. "
                "Only type: 'Session' is supported for Session Manager.",
            )
        return dict(newest.content_json)

    # nodes

    def describe_instance_information(self) -> ActionResult:
        filters = managed.filters_of(self._request, old="InstanceInformationFilterList")
        page, token = managed.page(self._managed(), self._request, filters=filters, most=50)
        return ActionResult(
            {"InstanceInformationList": [managed.information(node) for node in page], "NextToken": token}
        )

    def describe_instance_properties(self) -> ActionResult:
        filters = managed.filters_of(self._request, old="InstancePropertyFilterList")
        page, token = managed.page(self._managed(), self._request, filters=filters, most=1000)
        return ActionResult({"InstanceProperties": [managed.properties(node) for node in page], "NextToken": token})

    def _managed(self) -> Any:
        return self.nodes.managed(self.current_account, self.region)

    # tags of nodes outside EC2

    def list_tags_for_resource(self) -> ActionResult:
        tags = self._hybrid_tags()
        if tags is None:
            return super().list_tags_for_resource()
        return ActionResult({"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]})

    def add_tags_to_resource(self) -> ActionResult:
        tags = self._hybrid_tags()
        if tags is None:
            return super().add_tags_to_resource()
        tags.update({each["Key"]: each["Value"] for each in self._request.get("Tags") or []})
        return EmptyResult()

    def remove_tags_from_resource(self) -> ActionResult:
        tags = self._hybrid_tags()
        if tags is None:
            return super().remove_tags_from_resource()
        for key in self._request.get("TagKeys") or []:
            tags.pop(key, None)
        return EmptyResult()

    def _hybrid_tags(self) -> dict[str, str] | None:
        request = self._request
        if request.get("ResourceType") != "ManagedInstance":
            return None
        return self.nodes.hybrid_tags(request.get("ResourceId", ""))

    # documents

    def get_document(self) -> ActionResult:
        request = self._request
        name = self._document_name()
        if name in AWS_OWNED:
            return ActionResult({**_owned(name), "Content": documents.text_of(name)})
        version: Any = request.get("DocumentVersion")
        if version == "$DEFAULT":  # moto does not know the word
            version = None
        version_name: Any = request.get("VersionName")
        return ActionResult(
            self.ssm_backend.get_document(
                name=name,
                document_version=version,
                document_format=request.get("DocumentFormat", "JSON"),
                version_name=version_name,
            )
        )

    def describe_document(self) -> ActionResult:
        name = self._document_name()
        if name not in AWS_OWNED:
            return super().describe_document()
        facts = AWS_OWNED[name]
        listed = [
            {"Name": key, "Type": each["type"], "DefaultValue": each.get("default", "")}
            for key, each in facts["parameters"].items()
        ]
        described = {"Owner": "Amazon", "SchemaVersion": "1.0", "Description": facts["description"]}
        versions = {"DefaultVersion": "1", "LatestVersion": "1", "PlatformTypes": ["Linux", "MacOS", "Windows"]}
        return ActionResult({"Document": {**_owned(name), **described, **versions, "Parameters": listed}})

    def _document_name(self) -> str:
        name = str(self._request.get("Name", "")).rsplit("document/", 1)[-1]
        if name not in AWS_OWNED and name not in self.ssm_backend._documents:
            raise SSMException("InvalidDocument", f"Document with name {name} does not exist.")
        return name


def _bounded(name: str, value: str, most: int) -> None:
    if not 1 <= len(value) <= most:
        raise SSMException(
            "ValidationException",
            f"1 validation error detected: Value at '{name}' failed to satisfy constraint: "
            f"Member must have length between 1 and {most}",
        )


def _owned(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "DocumentVersion": "1",
        "Status": "Active",
        "DocumentType": "Session",
        "DocumentFormat": "JSON",
    }


def _check_filter(key: str, value: str) -> None:
    if key not in _SESSION_FILTERS:
        raise SSMException("InvalidFilterKey", f"The filter key {key} is not valid.")
    if key in ("InvokedAfter", "InvokedBefore"):
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise SSMException("ValidationException", f"{value} is no ISO-8601 time") from error


def _passes(session: Session, key: str, value: str) -> bool:
    if key in ("InvokedAfter", "InvokedBefore"):
        moment = datetime.fromisoformat(value).timestamp()
        return session.started >= moment if key == "InvokedAfter" else session.started <= moment
    facts = {"Target": session.node.id, "Owner": session.owner, "Status": session.status.value}
    return {**facts, "SessionId": session.id, "AccessType": "Standard"}[key] == value


def _described(session: Session) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "SessionId": session.id,
        "Target": session.node.id,
        "Status": (session.status if session.active else Status.TERMINATED).value,
        "StartDate": datetime.fromtimestamp(session.started, UTC),
        "Owner": session.owner,
        "DocumentName": session.work.document,
        "AccessType": "Standard",
        "OutputUrl": {},
    }
    if session.ended is not None:
        entry["EndDate"] = datetime.fromtimestamp(session.ended, UTC)
    if session.reason:
        entry["Reason"] = session.reason
    return entry
