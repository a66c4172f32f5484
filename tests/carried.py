"""A client of ours as a process behind the official plugin's command line, with a session of the rig's."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

from tests.bench.rig.control import PROXIES, ROOT

# What carries ssh streams and commands as `ssmx` does, with its statuses.
NATIVE = [sys.executable, "-m", "tests.transport.native.client"]

# What stands in the plugin's place. With another in SSMX_TEST_PLUGIN, it is seen which tests that one passes.
DROPIN = os.environ.get("SSMX_TEST_PLUGIN", "").split() or [sys.executable, "-P", "-m", "ssmx.dropin"]

VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
NOWHERE = "http://127.0.0.1:9"


def environment(answer):
    """What the official plugin would have, with the session's token, and nothing of this machine's AWS."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SSMX_")) and name.lower() not in PROXIES
    }
    return {
        **kept,
        "HOME": os.devnull,
        "PYTHONPATH": str(ROOT),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL_KMS": NOWHERE,
        VARIABLE: json.dumps(answer),
    }


def words(request, endpoint):
    """The plugin's command line, for a session whose answer is in the environment."""
    return [VARIABLE, "us-east-1", "StartSession", "", json.dumps(request), endpoint]


@contextmanager
def carried(rig, document, env=None, *, client=NATIVE, stdin=subprocess.PIPE, **parameters):
    """A process with pipes that carries a session of this document; and the session's id."""
    request, answer = rig.start(document, **parameters)
    with subprocess.Popen(
        [*client, *words(request, rig.endpoint)],
        cwd=ROOT,
        env={**environment(answer), **(env or {})},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process, answer["SessionId"]
        finally:
            if process.poll() is None:
                process.kill()
