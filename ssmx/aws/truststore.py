"""The certificates that RDS signs its databases' own with, as AWS publishes them."""

from __future__ import annotations

import re
import ssl

import botocore.httpsession
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.utils import get_environ_proxies

from ssmx.errors import ConfigError, TryLater

_HINT = "fetch it yourself and name the file: `ca_bundle` in the config, or SSMX_CA_BUNDLE"


_ELSEWHERE = re.compile(r"eusc-|[a-z]{2}-iso")  # the European Sovereign Cloud, and the isolated partitions


def url_for(region: str) -> str:
    """Where AWS publishes the bundle for the partition of a region (RDS user guide, "Using SSL/TLS").

    Raises ConfigError for partitions of which the guide does not tell: those of "aws" would verify nothing there.
    """
    if region.startswith("cn-"):
        return f"https://rds-truststore.s3.{region}.amazonaws.com.cn/global/global-bundle.pem"
    if region.startswith("us-gov-"):
        return f"https://truststore.pki.{region}.rds.amazonaws.com/global/global-bundle.pem"
    if _ELSEWHERE.match(region):
        raise ConfigError(f"where AWS publishes the certificates of RDS for {region} is not known", hint=_HINT)
    return "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"


def fetch(region: str, *, verify: str) -> bytes:
    """The bundle, over HTTPS and by the proxy of the environment; `verify` is the file that HTTPS is verified with.

    Raises TryLater, ConfigError.
    """
    url = url_for(region)
    session = botocore.httpsession.URLLib3Session(
        verify=verify,  # type: ignore[arg-type]  # a file, too
        proxies=get_environ_proxies(url),
        timeout=10,
    )
    try:
        answer = session.send(AWSRequest("GET", url).prepare())
        found = bytes(answer.content)
    except BotoCoreError as error:
        raise TryLater(f"cannot fetch the certificates of RDS: {error}", hint=_HINT) from error
    finally:
        session.close()
    if answer.status_code != 200 or not _certificates(found):
        raise TryLater(f"{url} answered {answer.status_code} and no certificates", hint=_HINT)
    return found


def _certificates(found: bytes) -> bool:
    """Whether this is a bundle that TLS can use."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=found.decode("ascii"))
    except (ssl.SSLError, ValueError):
        return False
    return bool(context.get_ca_certs())
