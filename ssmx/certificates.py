"""Which file of certificates the TLS of an endpoint is verified with."""

from __future__ import annotations

from pathlib import Path

from ssmx.aws.clients import Clients
from ssmx.aws.truststore import fetch, url_for
from ssmx.errors import ConfigError
from ssmx.model.listing import Trust
from ssmx.model.settings import Value
from ssmx.store.cached import cached
from ssmx.store.paths import cache_folder

_DAYS = 30.0  # until the certificates of RDS are fetched again


def bundle(clients: Clients, given: Value[str], trust: Trust, *, needed: bool) -> str:
    """The file: the one `given` by the user, RDS's own, fetched once, or that of the public authorities.

    The latter two only where one is `needed`, because many clients have their own; empty otherwise, and for
    endpoints that tell their own authority. Raises TryLater, ConfigError, LocalFault.
    """
    if trust is Trust.OWN:
        return ""
    if given.value:
        path = Path(given.value).expanduser()
        if not path.is_file():
            raise ConfigError(
                f"there is no file {path} ({given.origin})",
                hint="name the certificates of your databases, or leave it out for those that AWS uses",
            )
        return str(path.absolute())
    if not needed:
        return ""
    if trust is Trust.PUBLIC:
        return clients.ca_bundle()
    region = clients.signing_region
    url_for(region)  # or an error: those of another partition may be kept already
    partition = next((each for each in ("cn-", "us-gov-") if region.startswith(each)), "")
    path = cache_folder() / f"rds-{partition or 'aws-'}bundle.pem"
    return str(cached(path, lambda: fetch(region, verify=clients.ca_bundle()), days=_DAYS))
