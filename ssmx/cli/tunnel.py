"""ssmx tunnel"""

from __future__ import annotations

from typing import Any

import click

from ssmx.app import App
from ssmx.cli.endpoint_options import endpoint_options, placed, read
from ssmx.cli.options import Command
from ssmx.errors import UsageError
from ssmx.model.catalog import SERVICES, service_named
from ssmx.model.endpoint import HOST
from ssmx.reach import service as flow
from ssmx.reach.endpoints import of_service

_EPILOG = "\b\nServices:\n" + "\n".join(
    f"  {name:20} {about}"
    for name, about in [
        *((each.name, each.about) for each in SERVICES.values()),
        (HOST, "any HOST:PORT, with --via"),
    ]
)


@click.command(cls=Command, tail=True, tail_name="CLIENT", epilog=_EPILOG)
@click.argument("service", metavar="SERVICE", callback=placed)
@click.argument("name", metavar="[NAME]", required=False, default="", callback=placed)
@endpoint_options
@click.pass_obj
def command(app: App, /, service: str, name: str, **given: Any) -> int:
    """Reach NAME of SERVICE on localhost, through a node in its network, until Ctrl-C.

    Of a cluster that is its writer; without NAME ssmx asks. SERVICE/NAME is the same.

    After -- stands a client, which runs while the tunnel is there; its exit status is ours. The variables that such
    clients read are set (PGHOST…, MYSQL_…, REDIS_URL, MONGODB_URI, KUBECONFIG; always SSMX_HOST, SSMX_PORT and
    SSMX_ENDPOINT), and {host}, {port}, {endpoint} and {ca} in its words. psql, redis-cli, curl and kubectl verify
    the endpoint's certificate through the tunnel.

    \b
    ssmx tunnel rds payments-prod -- psql
    ssmx tunnel rds payments-prod --iam-user ravi -- psql -c 'select 1'
    ssmx tunnel rds orders --reader --port 15432
    ssmx tunnel eks platform -- kubectl get namespaces
    ssmx tunnel opensearch search-prod -- curl -s 'https://{endpoint}/_cluster/health'
    ssmx tunnel elasticache sessions --explain
    ssmx tunnel host ldap.corp.internal:636 --via bastion-prod
    """
    if "/" in service:
        if name:
            raise UsageError(f"{service} and {name} at once", hint="SERVICE NAME, or SERVICE/NAME")
        service, _, name = service.partition("/")
    place = None if service == HOST else of_service(service_named(service, host=True))
    return flow.tunnel(app, *read(app, place, name, given))
