"""ssmx db"""

from __future__ import annotations

from typing import Any

import click

from ssmx.app import App
from ssmx.cli.endpoint_options import endpoint_options, placed, read
from ssmx.cli.options import Command
from ssmx.reach import service as flow
from ssmx.reach.endpoints import DATABASES, spelled


@click.command(cls=Command, tail=True, tail_name="ARGS")
@click.argument("name", metavar="[NAME]", required=False, default="", callback=placed)
@endpoint_options
@click.pass_obj
def command(app: App, /, name: str, **given: Any) -> int:
    """Open the database called NAME with its own client: psql, mysql, redis-cli, mongosh, curl…

    Without NAME ssmx asks. It is looked for in RDS and its proxies, DocumentDB, Neptune, ElastiCache, MemoryDB,
    Redshift and OpenSearch; SERVICE/NAME looks in one. The client is told the way and how to verify the database;
    ARGS are its own. Its exit status is ours.

    \b
    ssmx db payments-prod
    ssmx db payments-prod --iam-user ravi -- -c 'select 1'
    ssmx db sessions -- ping
    ssmx db search-prod -- -s 'https://{endpoint}/_cat/indices'
    """
    place, name = spelled(name) if "/" in name else (DATABASES, name)
    return flow.tunnel(app, *read(app, place, name, given, own=True))
