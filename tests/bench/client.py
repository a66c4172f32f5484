"""ssmx's own client behind the official plugin's command line, so that a benchmark drives both alike.

python -m tests.bench.client RESPONSE REGION StartSession PROFILE REQUEST ENDPOINT
"""

import json
import os
import sys

from ssmx.app import App
from ssmx.model.plan import plan_forward, plan_run, plan_shell, plan_ssh
from ssmx.model.session import Session
from ssmx.model.settings import Value
from ssmx.model.target import Target
from ssmx.transport.interrupt import run
from ssmx.tunnel.listener import Listener


def main(words):
    response, region, _, _, request, endpoint = words
    if response.startswith("AWS_SSM_START_SESSION_RESPONSE"):
        response = os.environ.pop(response)
    answer, asked = json.loads(response), json.loads(request)
    session = Session(answer["SessionId"], answer["StreamUrl"], answer["TokenValue"])
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    app = App([], None, sandbox=lambda _: None)
    app.flags["region"] = Value(region, "argv")
    transport = app.native_transport()
    target = Target(asked["Target"], region)
    given = {key: values[0] for key, values in asked.get("Parameters", {}).items()}
    match asked.get("DocumentName", ""):
        case "AWS-StartSSHSession":
            plan = plan_ssh(target, port=int(given["portNumber"]))
        case "AWS-StartNonInteractiveCommand":
            plan = plan_run(target, [given["command"]], timeout=float(os.environ.get("SSMX_TIMEOUT", 0)))
        case name if name.startswith("AWS-StartPortForwardingSession"):
            plan = plan_forward(target, port=int(given["portNumber"]), host=given.get("host", ""))
            return run(app.signals, lambda interrupt: _forward(transport, session, plan, given, interrupt))
        case _:
            plan = plan_shell(target)
    return transport.carry(session, plan).status


async def _forward(transport, session, plan, given, interrupt):
    print(f"\nStarting session with SessionId: {session.id}", flush=True)
    link = await interrupt.beside(transport.open(session, plan))
    listener = Listener(link, refused=lambda: print("Connection to destination port failed.", flush=True))
    try:
        port = await listener.start(port=int(given.get("localPortNumber", 0)))
        print(f"Port {port} opened for sessionId {session.id}.\nWaiting for connections...", flush=True)
        raise await interrupt.beside(link.ended())
    finally:
        await listener.close()
        await link.close()


if __name__ == "__main__":
    from ssmx.errors import SsmxError

    try:
        sys.exit(main(sys.argv[1:]))
    except SsmxError as error:
        print(f"ssmx: {error.message}", file=sys.stderr)
        sys.exit(error.exit)
