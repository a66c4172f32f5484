"""What the plugin is given: its command line and its environment (aws-cli, customizations/sessionmanager.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field

from ssmx.light import dataclass
from ssmx.model.plan import Plan
from ssmx.model.session import Session

PROFILE = "ssmx"
RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"  # read by plugins newer than 1.2.497.0

# What an AWS SDK takes before, or beside, the profile it is told to use. The plugin has credentials from one
# source, which renews them: keys in its environment would expire there.
_OTHER_SOURCES = (
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


@dataclass(frozen=True, slots=True)
class Service:
    """The Systems Manager that a session was started at. `profile` holds lines for the plugin's profile."""

    region: str
    endpoint: str
    profile: Mapping[str, str] = field(default_factory=dict)


def arguments(plugin: str, plan: Plan, service: Service) -> list[str]:
    """The command line: RESPONSE REGION StartSession PROFILE REQUEST ENDPOINT, with nothing secret in it."""
    request = json.dumps(plan.request())
    return [plugin, RESPONSE, service.region, "StartSession", PROFILE, request, service.endpoint]


def environment(base: Mapping[str, str], session: Session, config: str) -> dict[str, str]:
    """The environment; `config` is a file with the profile that asks us for credentials."""
    kept = {name: value for name, value in base.items() if name not in _OTHER_SOURCES}
    response = {"SessionId": session.id, "TokenValue": session.token, "StreamUrl": session.stream_url}
    return {
        **kept,
        "AWS_CONFIG_FILE": config,
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_SDK_LOAD_CONFIG": "1",  # without it aws-sdk-go 1 reads no config file
        RESPONSE: json.dumps(response),
    }
