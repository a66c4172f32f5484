"""ssmx tunnel"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import (
    TARGET,
    Command,
    bind_option,
    events_option,
    pick_options,
    session_options,
    transport_option,
)
from ssmx.errors import UsageError
from ssmx.model.catalog import HOST, SERVICES
from ssmx.model.forward import Local
from ssmx.model.target import Pick, Spec
from ssmx.model.wording import either
from ssmx.reach import service as flow
from ssmx.reach.endpoints import Wanted
from ssmx.reach.forward import Wish
from ssmx.reach.service import Sought


def _named(_ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value is not None and not value.strip():
        raise UsageError(f"{param.opts[0]} names nobody", hint="an empty variable, perhaps")
    return value or ""


@click.command(cls=Command, tail=True, tail_name="CLIENT")
@click.argument("service", metavar=f"SERVICE ({'|'.join([*SERVICES, HOST])})")
@click.argument("name", metavar="[NAME]", required=False, default="")
@click.option("--via", type=TARGET, metavar="TARGET", help="Go through this node; ssmx chooses one otherwise.")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port; otherwise the same every time.")
@bind_option
@click.option("--reader", is_flag=True, help="The reader endpoint of a cluster.")
@click.option("--endpoint", "custom", metavar="CUSTOM", default="", help="This custom endpoint of a cluster.")
@click.option("--user", metavar="USER", callback=_named, help="Sign in as this user.")
@click.option("--iam-user", metavar="USER", callback=_named, help="Sign a client in with a token of IAM.")
@events_option
@transport_option
@pick_options
@session_options
@click.pass_obj
def command(
    app: App,
    service: str,
    name: str,
    via: Spec | None,
    port: int | None,
    bind: str,
    custom: str,
    user: str,
    iam_user: str,
    events: str | None,
    pick: Pick | None,
    reason: str,
    *,
    reader: bool,
    wait: bool,
    dry_run: bool,
) -> int:
    """Reach NAME of SERVICE on localhost, through a node in its network, until Ctrl-C.

    rds is an instance or the writer of an Aurora cluster; without NAME ssmx asks. host is any HOST:PORT that
    the node --via reaches. SERVICE/NAME is the same.

    After -- stands a client, which runs while the tunnel is there; its exit status is ours. PGHOST, PGHOSTADDR,
    PGPORT, PGUSER, PGDATABASE, PGSSLMODE and PGSSLROOTCERT (or MYSQL_…), DATABASE_URL, SSMX_HOST, SSMX_PORT and
    SSMX_ENDPOINT are set, and {host} and {port} in its words. psql verifies the database's certificate and name.

    \b
    ssmx tunnel rds payments-prod -- psql
    ssmx tunnel rds payments-prod --iam-user ravi -- psql -c 'select 1'
    ssmx tunnel rds orders --reader --port 15432
    ssmx tunnel host ldap.corp.internal:636 --via bastion-prod
    """
    if "/" in service:
        if name:
            raise UsageError(f"{service} and {name} at once", hint="SERVICE NAME, or SERVICE/NAME")
        service, _, name = service.partition("/")
    if user and iam_user:
        raise UsageError("--user and --iam-user at once", hint="give one of the two")
    if reader and custom:
        raise UsageError("--reader and --endpoint at once", hint="give one of the two")
    if service == HOST and (reader or custom):
        raise UsageError(
            "a host has no reader and no custom endpoint", hint=f"those are of {either(list(SERVICES))}"
        )
    sought = Sought(
        service, name, Wanted(reader, custom), via, Local(port, bind), user=iam_user or user, iam=bool(iam_user)
    )
    return flow.tunnel(app, sought, Wish(app.tail, events == "json", None, reason, pick, wait, dry_run))
