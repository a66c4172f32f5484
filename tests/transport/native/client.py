"""ssmx's own client behind the official plugin's command line, for ssh streams and commands, with ssmx's statuses.

python -m tests.transport.native.client RESPONSE REGION StartSession PROFILE REQUEST ENDPOINT
"""

import os
import sys

from ssmx.app import App
from ssmx.dropin.contract import read
from ssmx.errors import SsmxError
from ssmx.model.plan import COMMAND, plan_run, plan_ssh
from ssmx.model.settings import Value


def main(words):
    call = read(words, os.environ)
    app = App([], None, sandbox=lambda _: None)
    app.flags["region"] = Value(call.region, "argv")
    app.endpoints["ssm"] = call.endpoint
    given = {key: values[0] for key, values in call.plan.parameters.items()}
    if call.plan.document == COMMAND:
        timeout = float(os.environ.get("SSMX_TIMEOUT", 0))
        plan = plan_run(call.plan.target, [given["command"]], timeout=timeout)
    else:
        plan = plan_ssh(call.plan.target, port=int(given["portNumber"]))
    return app.native_transport().carry(call.session, plan).status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SsmxError as error:
        print(f"ssmx: {error.message}", file=sys.stderr)
        sys.exit(error.exit)
