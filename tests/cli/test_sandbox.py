import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def box(ssmx):
    """A sandbox of this home alone."""
    yield ssmx
    ssmx("sandbox", "down")


def test_the_global_option_starts_one_and_reuses_it(box, home):
    first = box("--sandbox", "resolve", "payments-api", "-o", "name", AWS_PROFILE="", AWS_CONFIG_FILE="/nowhere")
    assert (first.status, first.out) == (0, "payments-api\n")
    assert "starting the sandbox" in first.err
    again = box("resolve", "payments-api", "--sandbox", "-o", "name")
    assert (again.out, again.err) == ("payments-api\n", "")
    status = box("sandbox", "status", "-o", "json").json
    assert status["endpoint"].startswith("http://127.0.0.1:")
    assert not (home / ".aws").exists()
    assert box("sandbox", "down").status == 0
    assert box("sandbox", "status").status == 1


def test_env_points_other_tools_at_it(box, env):
    script = f'eval "$({sys.executable} -m ssmx sandbox env)"; {sys.executable} -c "$PROBE"'
    probe = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run(
        ["bash", "-c", script],
        env={**env, "PROBE": probe, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "arn:aws:iam::123456789012:user/ravi"


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_another_user_of_the_machine_gets_nothing(running, levers):
    """As nobody: the file is closed, the API and the websocket answer 403, whoever's name is on the request."""
    probe = """
import encodings.idna, json, os, sys, urllib.request, urllib.error  # all before the folders are closed to us
endpoint, websocket, config = sys.argv[1:]
os.setgid(65534); os.setuid(65534)
try:
    open(config).read(); print("read the key")
except PermissionError:
    print("file closed")
body = json.dumps({"Target": "i-f937cf10d25f63c6c"}).encode()
forged = "AWS4-HMAC-SHA256 Credential=AKIA/20261101/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=00"
for url in (endpoint, endpoint + "/moto-api/data.json", endpoint + "/_sandbox/sessions", websocket):
    for headers in ({}, {"Authorization": forged}, {"Authorization": "Bearer guess"}):
        headers = {"X-Amz-Target": "AmazonSSM.StartSession", **headers}
        if url is websocket:
            headers |= {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        try:
            request = urllib.request.Request(url, data=None if url is websocket else body, headers=headers)
            print(urllib.request.urlopen(request, timeout=5).status)
        except urllib.error.HTTPError as error:
            print(error.code)
"""
    websocket = running.websocket.replace("ws://", "http://").rstrip("/") + "/v1/data-channel/ravi-1"
    done = subprocess.run(
        ["/usr/bin/env", "-i", sys.executable, "-c", probe, running.endpoint, websocket, str(running.config_file)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, *statuses = done.stdout.split("\n")
    assert first == "file closed"
    assert [each for each in statuses if each] == ["403"] * 12
    assert json.dumps(levers.open_sessions()) == "[]"
