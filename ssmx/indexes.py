"""`ssmx index`: the index, made anew, looked at, and thrown away."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ssmx.app import App
from ssmx.errors import SsmxError
from ssmx.model.catalog import SERVICES
from ssmx.model.columns import age
from ssmx.model.index import DOCUMENTS, NODES, Alias, Answer, Documents, Index

_HEADINGS = ("ACCOUNT", "REGION", "PROFILE", "NODES", "ENDPOINTS", "DOCUMENTS", "AGE")


def refresh(app: App, *, stale: bool) -> int:
    """Ask AWS for everything, and keep it; gives the exit status.

    `stale`: only where it is older than the setting, and nobody else does it. Raises what AWS answered, and
    LocalFault where that cannot be kept.
    """
    if stale and not _is_stale(app):
        return 0
    app.clients.credentials()
    with app.show.progress("listing nodes and endpoints", lambda: app.inventory.count):
        index = everything(app)
    if index:
        _print(app, [index])
    return 0


def everything(app: App) -> Index | None:
    """Ask AWS for everything; gives what is kept. Raises what AWS answered, and LocalFault."""
    _ = app.clients.caller  # an account with no nodes has an index as well
    app.inventory.listing(())
    app.catalog.every(tuple(SERVICES.values()))
    _learn(app, lambda: Documents(time.time(), app.account.documents()))
    _learn(app, lambda: Alias(app.account.alias()))
    app.learning.finish()
    if app.learning.failure:
        raise app.learning.failure
    return app.learning.kept


def refresh_all(app: App, walked: Callable[..., int], *, stale: bool) -> int:
    """The same of every scope that the config lists, a line for each as it is done; gives the exit status.

    `walked` is `scopes.walked`. Raises ConfigError where none are listed.
    """

    def ask(each: App) -> list[Index]:
        index = everything(each) if not stale or _is_stale(each) else None
        return [index] if index else []

    return walked(
        app,
        ask,
        columns=dict(zip(_HEADINGS, (14, 14, 10, 5, 9, 9, 4), strict=True)),
        row=lambda index, _: _row(app, index),
        body=lambda index, _: _as_json(index),
        name=lambda index: index.scope.name,
    )


def _learn(app: App, ask: Callable[[], Answer]) -> None:
    """Take in what can be done without."""
    try:
        app.learning.take(ask())
    except SsmxError as error:
        app.show.detail(error.message)


def show(app: App) -> int:
    """Print of which scopes something is known; gives the exit status."""
    every = app.learning.indexes.every()
    _print(app, every)
    if not every:
        app.show.note("nothing is known yet; `ssmx index refresh` asks AWS for everything")
    return 0


def clear(app: App) -> int:
    """Forget everything; gives the exit status. Raises LocalFault."""
    count = app.learning.indexes.clear()
    app.show.note(f"forgotten: {count} {'scope' if count == 1 else 'scopes'}")
    return 0


def _is_stale(app: App) -> bool:
    index, oldest = app.learning.index, app.settings.index_refresh.value
    if not oldest or index is None:
        return bool(oldest)
    is_old = app.now().timestamp() - index.listed.get(NODES, 0.0) >= oldest
    return is_old and app.learning.indexes.claim(index.scope)


def _print(app: App, every: Sequence[Index]) -> None:
    match app.settings.output.value:
        case "json":
            app.show.json([_as_json(each) for each in every])
        case "name":
            app.show.lines([each.scope.name for each in every])
        case form:
            app.show.table(_HEADINGS, [_row(app, each) for each in every], form=form)


def _row(app: App, index: Index) -> list[str]:
    scope = index.scope
    account = f"{scope.account} ({index.alias})" if index.alias else scope.account
    counts = [len(index.nodes), len(index.endpoints), len(index.documents)]
    listed = age(_time(index.listed.get(NODES)), app.now()) or "not listed"
    return [account, scope.region, scope.profile, *map(str, counts), listed]


def _as_json(index: Index) -> dict[str, object]:
    scope = index.scope
    return {
        "account": scope.account,
        "alias": index.alias,
        "region": scope.region,
        "profile": scope.profile,
        "endpoint": scope.endpoint,
        NODES: len(index.nodes),
        "endpoints": index.services(),
        DOCUMENTS: len(index.documents),
        "listed": {what: _time(at) for what, at in index.listed.items()},
    }


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
