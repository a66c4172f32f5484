"""Sign in to EKS clusters: a presigned GetCallerIdentity is the token, as `aws eks get-token` makes it."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from botocore.credentials import Credentials
from botocore.signers import RequestSigner

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated

_URL_SECONDS = 60  # as the aws command has it: the cluster takes the token for 15 minutes from its date
_TOKEN_MINUTES = 14.0
_GLOBAL = "sts.amazonaws.com"  # where AWS_STS_REGIONAL_ENDPOINTS is `legacy`


def token(clients: Clients, cluster: str, *, now: datetime) -> tuple[str, datetime]:
    """The token for the API server of `cluster`, and until when it is good. Never show or store it.

    Raises SignInExpired, ConfigError.
    """
    keys = clients.credentials()
    credentials = Credentials(keys.access_key or "", keys.secret_key or "", keys.token)
    sts = clients.get("sts")
    is_global = urlsplit(sts.meta.endpoint_url).hostname == _GLOBAL
    region = "us-east-1" if is_global else clients.signing_region
    emitter = clients.session.get_component("event_emitter")
    signer = RequestSigner(sts.meta.service_model.service_id, region, "sts", "v4", credentials, emitter)
    request = {
        "method": "GET",
        "url": f"{sts.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    with translated("sts:GetCallerIdentity"):
        url = signer.generate_presigned_url(request, region_name=region, expires_in=_URL_SECONDS, operation_name="")
    text = base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    return f"k8s-aws-v1.{text}", now + timedelta(minutes=_TOKEN_MINUTES)
