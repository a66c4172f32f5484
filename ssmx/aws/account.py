"""What an account is called, its regions and its session documents."""

from __future__ import annotations

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated

_SESSION_DOCUMENTS = [{"Key": "DocumentType", "Values": ["Session"]}, {"Key": "Owner", "Values": ["Self"]}]


class Account:
    """The account we are in. Whatever is asked raises AccessDenied, SignInExpired, TryLater…"""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def alias(self) -> str:
        """What it is called; empty where it has no name."""
        client = self._clients.get("iam", attempts=1)  # a private network may have no way there
        with translated("iam:ListAccountAliases"):
            return next(iter(client.list_account_aliases()["AccountAliases"]), "")

    def regions(self) -> list[str]:
        """The regions that are enabled for it."""
        client = self._clients.get("ec2")
        with translated("ec2:DescribeRegions"):
            return sorted(each["RegionName"] for each in client.describe_regions()["Regions"])

    def documents(self) -> list[str]:
        """The names of its session documents in this region, without AWS's own."""
        pages = self._clients.get("ssm").get_paginator("list_documents")
        with translated("ssm:ListDocuments"):
            answers = pages.paginate(Filters=_SESSION_DOCUMENTS)
            return [each["Name"] for answer in answers for each in answer["DocumentIdentifiers"]]
