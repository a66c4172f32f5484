"""List the session documents of an account."""

from __future__ import annotations

import time
from collections.abc import Callable

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.errors import AccessDenied
from ssmx.model.index import Documents as Said

_FILTERS = [{"Key": "DocumentType", "Values": ["Session"]}, {"Key": "Owner", "Values": ["Self"]}]


class Documents:
    """The session documents of one account and region, without AWS's own. `learned` takes what AWS has said."""

    def __init__(self, clients: Clients, *, detail: Callable[[str], None], learned: Callable[[Said], None]) -> None:
        self._clients = clients
        self._detail = detail
        self._learned = learned

    def list(self) -> list[str]:
        """Their names; none where they may not be listed. Raises SignInExpired, TryLater…"""
        at = time.time()
        pages = self._clients.get("ssm").get_paginator("list_documents")
        try:
            with translated("ssm:ListDocuments"):
                found = [
                    each["Name"]
                    for page in pages.paginate(Filters=_FILTERS)
                    for each in page["DocumentIdentifiers"]
                ]
        except AccessDenied as error:
            self._detail(f"session documents are not listed: {error.message}")
            return []
        self._learned(Said(at, found))
        return found
