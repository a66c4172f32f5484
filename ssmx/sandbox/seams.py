"""The places where the sandbox takes hold of moto. moto promises none of them: tests/sandbox/test_moto_seams.py
says at once which of them a new moto has moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import moto.autoscaling.urls
import moto.ec2.urls
import moto.rds.urls
import moto.ssm.urls
from moto.core.exceptions import JsonRESTError
from moto.core.utils import utcnow
from moto.ec2.models.core import TaggedEC2Resource
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.sts.models import sts_backends

from ssmx.sandbox import rds
from ssmx.sandbox.encryption import Undecryptable
from ssmx.sandbox.estate.answers import Estate
from ssmx.sandbox.estate.private import Private
from ssmx.sandbox.groups import GroupService
from ssmx.sandbox.instances import FleetService, own_tags
from ssmx.sandbox.nodes import Nodes
from ssmx.sandbox.rds import DatabaseService
from ssmx.sandbox.service import SessionService
from ssmx.sandbox.sessions import Session, Sessions
from ssmx.sandbox.signature import Credential

SSM_PATH = "{0}/$"
EC2_PATH = "{0}/"
RDS_PATH = "{0}/$"
AUTOSCALING_PATH = "{0}/$"


class QuietHandler(MotoRequestHandler):
    """moto's own, which keeps the spelling of headers; without a line in the log for each request."""

    disable_nagle_algorithm = True  # head and body go in two writes: 40 ms apart otherwise
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the gate has a log, and it holds no secret."""


class _Dispatcher(DomainDispatcherApplication):
    """moto's own, which goes on with None where it has no such service."""

    def get_backend_for_host(self, host: str | None) -> Any:
        backend = super().get_backend_for_host(host)
        if backend is None and host is not None:
            raise NotImplementedError(f"no service at {host}")
        return backend


def correct() -> None:
    """Correct what moto has wrong in its own resources. Once in a process, before there are any."""
    rds.correct()
    TaggedEC2Resource.get_tags = own_tags  # type: ignore[method-assign,assignment]


def application(nodes: Nodes, sessions: Sessions, private: Private, *, certificate: str) -> Any:
    """moto as one WSGI application, with our services in the place of its own. Once in a process.

    `certificate` is that of the authority, as EKS tells it.
    """
    SessionService.nodes = nodes
    SessionService.sessions = sessions
    moto.ssm.urls.url_paths[SSM_PATH] = SessionService.dispatch
    moto.ec2.urls.url_paths[EC2_PATH] = FleetService.dispatch
    moto.rds.urls.url_paths[RDS_PATH] = DatabaseService.dispatch
    moto.autoscaling.urls.url_paths[AUTOSCALING_PATH] = GroupService.dispatch
    return Estate(_Dispatcher(create_backend_app), private, certificate=certificate)


def credential(access_key: str) -> Credential | None:
    """What this key signs with, if moto has given it to a user or, for its time, to a role."""
    for account in list(iam_backends.values()):
        key = account["aws"].access_keys.get(access_key)
        if key is not None and key.status == "Active":
            role = _role(access_key)
            if role is None:
                return Credential(key.secret_access_key)
            return Credential(key.secret_access_key, role.session_token) if role.expiration > utcnow() else None
    return None


def unwrap(session: Session, wrapped: bytes, context: Mapping[str, str]) -> bytes:
    """The data key, as KMS unwraps it for a node of this account; raises Undecryptable."""
    try:
        return bytes(kms_backends[session.account][session.region].decrypt(wrapped, dict(context))[0])
    except JsonRESTError as error:
        raise Undecryptable(f"{error.error_type}: {error.message}") from error


def _role(access_key: str) -> Any:
    for account in list(sts_backends.values()):
        role = account["aws"].get_assumed_role_from_access_key(access_key)
        if role is not None:
            return role
    return None
