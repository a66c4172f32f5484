"""List the endpoints of a service as its row in the catalog says, and sign in to databases with IAM."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError

from ssmx.aws.clients import Clients
from ssmx.aws.errors import code_of, translated
from ssmx.aws.threads import chunks, threads
from ssmx.errors import AccessDenied, SsmxError
from ssmx.model.endpoint import Endpoint, Role, from_row
from ssmx.model.index import Endpoints as Said
from ssmx.model.listing import Listing, Lookup, Service, Then

# ClusterNotFound, ResourceNotFoundException…; InvalidParameterValue, ValidationException of what is no name there.
_NO_SUCH = ("NotFound", "InvalidParameter", "Validation")


class Endpoints:
    """The endpoints of one account and region. `warn` takes a sentence for the user, `detail` one for -v.

    `learned` takes what AWS has said.
    """

    def __init__(
        self,
        clients: Clients,
        *,
        warn: Callable[[str], None],
        detail: Callable[[str], None] = lambda _text: None,
        learned: Callable[[Said], None] = lambda _: None,
    ) -> None:
        self._clients = clients
        self._learned = learned
        self._warn = warn
        self._detail = detail
        self.refused: list[SsmxError] = []
        """Why some of the services were not listed, the last time."""

    def named(self, services: Sequence[Service], name: str) -> list[Endpoint]:
        """The endpoints of exactly this name, in any role: few calls for each listing, whatever else there is.

        Raises AccessDenied where no listing is allowed, SignInExpired, TryLater…
        """
        return self._all(services, name)

    def every(self, services: Sequence[Service]) -> list[Endpoint]:
        """All endpoints of the services, in any role. Raises as `named` does."""
        return self._all(services, "")

    def token(self, endpoint: Endpoint, user: str) -> str:
        """What signs `user` in to the database for the next 15 minutes; never show or store it.

        It is signed here, for the real host and port: that of the tunnel would be refused.
        """
        client = self._clients.get("rds")
        with translated("rds-db:connect"):
            return str(
                client.generate_db_auth_token(
                    DBHostname=endpoint.host,
                    Port=endpoint.port,
                    DBUsername=user,
                    Region=self._clients.region.value,
                )
            )

    def _all(self, services: Sequence[Service], name: str) -> list[Endpoint]:
        listings = [(service, listing) for service in services for listing in service.listings]
        used = {each.client for _, listing in listings for each in (listing, listing.networks) if each}
        for client in sorted(used):
            self._clients.get(client)  # here, because signing in may ask the user
        refused: list[tuple[Service, SsmxError]] = []
        at = time.time()

        def ask(one: tuple[Service, Listing]) -> list[Endpoint]:
            try:
                return self._listed(*one, name)
            except SsmxError as error:
                # Whoever may list instances and not clusters still finds instances; one service that does not
                # answer does not hide the others.
                if len(services) == 1 and not isinstance(error, AccessDenied):
                    raise
                refused.append((one[0], error))
                return []

        with threads() as pool:
            found = [endpoint for each in pool.map(ask, listings) for endpoint in each]
        if refused and (len(refused) == len(listings) or (len(services) == 1 and not found)):
            raise refused[0][1]
        # Whoever looks for one name and finds it has an answer.
        tell = self._detail if name and len(services) > 1 else self._warn
        refused.sort(key=lambda each: services.index(each[0]))  # threads have no order
        self.refused = [error for _, error in refused]
        unlisted: dict[str, list[str]] = {}
        for service, error in refused:
            unlisted.setdefault(error.message, []).append(service.name)
        for message, names in unlisted.items():
            tell(f"cannot list all of {', '.join(dict.fromkeys(names))}: {message}")
        answered = [service.name for service in services if service not in [each for each, _ in refused]]
        self._learned(Said(at, answered, [each for each in found if each.service in answered], name))
        order = {service.name: number for number, service in enumerate(services)}
        roles = list(Role)
        return sorted(found, key=lambda each: (order[each.service], each.name, roles.index(each.role), each.part))

    def _listed(self, service: Service, listing: Listing, name: str) -> list[Endpoint]:
        then = listing.then
        if then and then.by_name and name:
            answers = self._detailed(listing.client, then, [{"name": name, "ask": name}])
        else:
            asked = {**listing.given, **(_named(listing.narrowed, name) if name else {})}
            answers = self._answers(listing.client, listing.operation, asked)
            if then:
                items = _search(then.items, answers)
                answers = self._detailed(
                    listing.client, then, [each for each in items if not name or _is_called(each, name)]
                )
        rows = [each for each in _search(listing.endpoints, answers) if not name or _is_called(each, name)]
        if listing.networks:
            told = self._networks(listing.networks, {row["network"] for row in rows if row.get("network")})
            rows = [_placed(row, told.get(row.get("network") or "", {})) for row in rows]
        region = self._clients.region.value
        return [endpoint for row in rows for endpoint in from_row(service.name, row, region=region)]

    def _answers(self, service: str, operation: str, asked: Mapping[str, Any]) -> list[Any]:
        """The pages of an answer; none where nothing has that name, or can have."""
        client, method = self._clients.get(service), xform_name(operation)
        with translated(f"{client.meta.service_model.signing_name}:{operation}"):
            try:
                if client.can_paginate(method):
                    return list(client.get_paginator(method).paginate(**asked))
                return [getattr(client, method)(**asked)]
            except ClientError as error:
                if asked and any(each in code_of(error) for each in _NO_SUCH):
                    return []
                raise

    def _detailed(self, service: str, then: Then, items: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The second call for each item, or for so many at once as it takes."""
        groups = chunks(items, then.at_once or 1)

        def ask(group: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
            wanted = [each["ask"] for each in group]
            if wanted == [None]:
                return [{"item": group[0], "answer": {}}]
            argument = wanted if then.at_once else wanted[0]
            try:
                answers = self._answers(service, then.operation, {then.argument: argument})
            except AccessDenied as error:
                if len(groups) == 1:
                    raise
                self._detail(f"left out: {error.message}")  # whoever may see some, sees these
                return []
            return [{"item": group[0], "answer": answer} for answer in answers]

        with threads() as pool:
            return [each for found in pool.map(ask, groups) for each in found]

    def _networks(self, lookup: Lookup, keys: set[str]) -> dict[str, Mapping[str, Any]]:
        """What is told of each subnet, or subnet group."""
        if not keys:
            return {}
        asked: dict[str, Any] = {lookup.argument: sorted(keys)} if lookup.plural else {}
        if lookup.filter:  # what is gone is not found, and hides none of the others
            asked = {lookup.argument: [{"Name": lookup.filter, "Values": sorted(keys)}]}
        elif not lookup.plural and len(keys) == 1:
            asked = {lookup.argument: next(iter(keys))}
        try:
            found = _search(lookup.found, self._answers(lookup.client, lookup.operation, asked))
        except AccessDenied as error:
            self._warn(f"cannot tell in which network they are: {error.message}")
            return {}
        return {each["key"]: each for each in found}


def _placed(row: Mapping[str, Any], network: Mapping[str, Any]) -> dict[str, Any]:
    """The row with what is told of its network, where it does not tell that itself."""
    return {**row, **{key: row.get(key) or network.get(key) for key in ("vpc", "subnets")}}


def _search(query: str, answers: Sequence[Any]) -> list[Any]:
    compiled = jmespath.compile(query)  # type: ignore[no-untyped-call]
    return [row for answer in answers for row in compiled.search(answer) or ()]


def _is_called(row: Mapping[str, Any], name: str) -> bool:
    """Whether it has exactly this name: some calls have no argument for it, or take it for a beginning."""
    return str(row["name"]).lower() == name.lower()


def _named(part: Any, name: str) -> Any:
    """Arguments with the name in its place."""
    match part:
        case str():
            return part.replace("{name}", name)
        case Mapping():
            return {key: _named(each, name) for key, each in part.items()}
        case list():
            return [_named(each, name) for each in part]
        case _:
            return part
