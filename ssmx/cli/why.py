"""ssmx why"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.endpoint_options import part_options, placed, wanted
from ssmx.cli.options import Command, pick_options, target_argument, transport_option
from ssmx.model.target import Pick, Spec
from ssmx.reach import why as flow


@click.command(cls=Command)
@target_argument
@click.argument("endpoint", metavar="ENDPOINT", callback=placed)
@part_options
@pick_options
@transport_option
@click.option("--try", "attempt", is_flag=True, help="Open a session and ask the endpoint whether it lives.")
@click.pass_obj
def command(
    app: App, target: Spec, endpoint: str, part: str, pick: Pick | None, *, reader: bool, attempt: bool
) -> int:
    """Tell whether the node TARGET reaches ENDPOINT; where it does not, which rule is missing. Exit 1 then.

    ENDPOINT is SERVICE/NAME, a name of any service, a host name, or HOST:PORT. Looked at are the node and its
    agent, VPCs, peerings and routes, and the rules of security groups on both sides. Network ACLs are not;
    --try asks the endpoint itself, with words that harm nobody.

    \b
    ssmx why payments-api rds/payments-prod
    ssmx why bastion-prod sessions --try
    """
    return flow.why(app, target, endpoint, wanted(part, reader=reader), pick=pick, attempt=attempt)
