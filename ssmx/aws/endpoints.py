"""List the endpoints of a service as its row in the catalog says, and sign in to databases with IAM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jmespath
from botocore import xform_name

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.errors import AccessDenied
from ssmx.model.catalog import Endpoint, Listing, Role, Service


class Endpoints:
    """The endpoints of one account and region. `warn` takes a sentence for the user."""

    def __init__(self, clients: Clients, *, warn: Callable[[str], None]) -> None:
        self._clients = clients
        self._warn = warn

    def named(self, service: Service, name: str) -> list[Endpoint]:
        """The endpoints of exactly this name, in any role: one call for each listing, whatever else there is.

        Raises AccessDenied where no listing is allowed, SignInExpired, TryLater…
        """
        return self._all(service, name)

    def every(self, service: Service) -> list[Endpoint]:
        """All endpoints of the service, in any role. Raises as `named` does."""
        return self._all(service, "")

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

    def _all(self, service: Service, name: str) -> list[Endpoint]:
        for client in {listing.client for listing in service.listings}:
            self._clients.get(client)  # here, because signing in may ask the user
        refused: list[AccessDenied] = []

        def ask(listing: Listing) -> list[Endpoint]:
            try:
                return self._listed(service, listing, name)
            except AccessDenied as error:
                refused.append(error)
                return []

        pool = ThreadPoolExecutor(4)
        try:
            found = [endpoint for each in pool.map(ask, service.listings) for endpoint in each]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        # Whoever may list instances and not clusters still finds instances.
        if refused and (len(refused) == len(service.listings) or not found):
            raise refused[0]
        for error in refused:
            self._warn(f"cannot list all of {service.name}: {error.message}")
        return sorted(found, key=lambda each: (each.name, list(Role).index(each.role), each.host))

    def _listed(self, service: Service, listing: Listing, name: str) -> list[Endpoint]:
        client = self._clients.get(listing.client)
        action = f"{listing.client}:{listing.operation}"
        operation = xform_name(listing.operation)
        narrowed = {"Filters": [{"Name": listing.narrowed, "Values": [name]}]} if name and listing.narrowed else {}
        with translated(action):
            if client.can_paginate(operation):
                answers = list(client.get_paginator(operation).paginate(**narrowed))
            else:
                answers = [getattr(client, operation)(**narrowed)]
            query = jmespath.compile(listing.endpoints)  # type: ignore[no-untyped-call]
            rows = [row for answer in answers for row in query.search(answer) or ()]
        if listing.subnet_groups:
            vpcs = self._vpcs(listing.client, {row["vpc"] for row in rows if row.get("vpc")})
            rows = [{**row, "vpc": vpcs.get(row.get("vpc") or "", "")} for row in rows]
        return [endpoint for row in rows for endpoint in self._endpoints(service, listing, row)]

    def _vpcs(self, service: str, groups: set[str]) -> dict[str, str]:
        """The VPC of each subnet group."""
        if not groups:
            return {}
        client = self._clients.get(service)
        narrowed = {"DBSubnetGroupName": next(iter(groups))} if len(groups) == 1 else {}
        try:
            with translated(f"{service}:DescribeDBSubnetGroups"):
                pages = client.get_paginator("describe_db_subnet_groups").paginate(**narrowed)
                found = [each for page in pages for each in page["DBSubnetGroups"]]
        except AccessDenied as error:
            self._warn(f"cannot tell the VPC of clusters: {error.message}")
            return {}
        return {each["DBSubnetGroupName"]: each.get("VpcId", "") for each in found}

    def _endpoints(self, service: Service, listing: Listing, row: dict[str, Any]) -> Sequence[Endpoint]:
        told = ("zone", "engine", "user", "database", "iam", "status", "vpc")
        known = {key: row[key] for key in told if row.get(key)}
        account = str(row.get("arn") or "").split(":")[4:5]

        def endpoint(host: str, role: Role) -> Endpoint:
            return Endpoint(
                service=service.name,
                name=row["name"],
                host=host,
                port=int(row.get("port") or 0),
                role=role,
                groups=tuple(row.get("groups") or ()),
                region=self._clients.region.value,
                account=account[0] if account else "",
                **known,
            )

        readers, customs = row.get("readers"), row.get("customs")
        first = Role.INSTANCE if readers is None and customs is None else Role.WRITER
        found = [endpoint(row.get("host") or "", first)]  # none while it is being created
        found += [endpoint(host, Role.READER) for host in readers or () if host]
        return [*found, *(endpoint(host, Role.CUSTOM) for host in customs or () if host)]
