"""What an account is called."""

from __future__ import annotations

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated


def account_alias(clients: Clients) -> str:
    """The alias of the account we are in; empty where it has none. Raises AccessDenied, SignInExpired, TryLater…"""
    client = clients.get("iam")
    with translated("iam:ListAccountAliases"):
        return next(iter(client.list_account_aliases()["AccountAliases"]), "")
