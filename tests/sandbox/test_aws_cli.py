"""The real AWS CLI against the sandbox, where there is one."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ssmx.sandbox import control
from ssmx.sandbox.control import Running

from .conftest import Client

AWS = Path(os.environ.get("SSMX_TEST_AWS") or Path(__file__).parents[2] / ".venv-aws" / "bin" / "aws")

pytestmark = pytest.mark.skipif(
    not os.access(AWS, os.X_OK), reason=f"no AWS CLI: set SSMX_TEST_AWS, or install awscli in {AWS.parents[1]}"
)

PLUGIN = """#!/bin/sh
[ "$1" = --version ] && { echo 1.2.835.0; exit 0; }
for word in "$@"; do printf '%s\\n' "$word" >>"$RECORD"; done
eval "printf '%s\\n' \\"\\$$1\\"" >>"$RECORD"
"""


def aws(running: Running, *words: str, **extra: str) -> str:
    found = {**os.environ, **control.environment(running), **extra}
    env = {name: value for name, value in found.items() if value is not None}
    said = subprocess.run([str(AWS), *words], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_it_lists_nodes_and_asks_for_one(running: Running, node: str) -> None:
    wanted = f"Key=InstanceIds,Values={node}"
    listed = json.loads(
        aws(
            running,
            "ssm",
            "describe-instance-information",
            "--output",
            "json",
            "--filters",
            wanted,
        )
    )
    assert [each["InstanceId"] for each in listed["InstanceInformationList"]] == [node]
    status = json.loads(aws(running, "ssm", "get-connection-status", "--target", node, "--output", "json"))
    assert status["Status"] == "connected"


def test_start_session_hands_over_to_the_plugin(running: Running, ssm: Client, node: str, tmp_path: Path) -> None:
    plugin = tmp_path / "session-manager-plugin"
    plugin.write_text(PLUGIN, "ascii")
    plugin.chmod(0o700)
    record = tmp_path / "record"
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    aws(running, "ssm", "start-session", "--target", node, PATH=path, RECORD=str(record))
    variable, region, verb, _profile, request, endpoint, response = record.read_text("utf-8").splitlines()
    assert variable.startswith("AWS_SSM_START_SESSION_RESPONSE")
    assert (region, verb, endpoint) == (running.region, "StartSession", running.endpoint)
    assert json.loads(request)["Target"] == node
    started = json.loads(response)
    assert set(started) == {"SessionId", "TokenValue", "StreamUrl"}
    active = json.loads(aws(running, "ssm", "describe-sessions", "--state", "Active", "--output", "json"))
    assert started["SessionId"] in {each["SessionId"] for each in active["Sessions"]}
    ssm.terminate_session(SessionId=started["SessionId"])
