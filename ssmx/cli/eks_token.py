"""ssmx eks-token"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command
from ssmx.reach import kube as flow


@click.command(cls=Command)
@click.argument("cluster", metavar="CLUSTER")
@click.pass_obj
def command(app: App, cluster: str) -> int:
    """Print what kubectl signs in to the EKS cluster with, for 14 minutes; kubectl asks for it itself.

    The kubeconfig of `ssmx tunnel eks` names this command; yours may, in the place of `aws eks get-token`.

    \b
    ssmx eks-token platform
    """
    return flow.token(app, cluster)
