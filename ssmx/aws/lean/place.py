"""Where a service is: the URL that botocore makes of a region in the plain cases, and None for all others."""

from __future__ import annotations

import re
from collections.abc import Mapping

# botocore's partitions `aws` and `aws-cn`; the others have rules of their own.
_SUFFIXES = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-[0-9]"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-[0-9]"), "amazonaws.com.cn"),
)
_URL = re.compile(r"https?://[a-z0-9.-]+(?::([0-9]{1,5}))?")
_LAST_PORT = 65535


def url_of(service: str, region: str, urls: Mapping[str, str]) -> str | None:
    """The URL of a service; `urls` are those that were set, by service, with `*` for all others."""
    suffix = next((suffix for pattern, suffix in _SUFFIXES if pattern.fullmatch(region)), None)
    if suffix is None:
        return None
    given = urls.get(service, urls.get("*"))
    if given is not None:
        found = _URL.fullmatch(given)
        return given if found and int(found[1] or 0) <= _LAST_PORT else None
    return f"https://{service}.{region}.{suffix}"
