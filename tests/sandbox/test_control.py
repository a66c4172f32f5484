"""The process: one for a folder, found again, ended whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from ssmx.errors import LocalFault
from ssmx.sandbox import control
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import client_of, node_named
from .rawclient import RawClient
from .test_shell import alive, wait_for
from .waking import woken

SOURCE = str(Path(control.__file__).parents[2])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_the_owner_can_open_its_files(running: Running, folder: Path) -> None:
    assert mode(folder) == 0o700
    files = [path for path in folder.iterdir() if path.is_file()]
    assert {path.name for path in files} >= {"state.json", "config", "sandbox.log", "lock", "ca.pem"}
    assert {path.name: mode(path) for path in files} == {path.name: 0o600 for path in files}


def test_it_is_found_and_used_again(running: Running, folder: Path) -> None:
    assert control.running(folder) == running
    assert control.up(folder) == running


def test_the_profile_is_all_a_client_needs(running: Running, folder: Path) -> None:
    found = control.environment(running)
    env = {name: value for name, value in {**os.environ, **found}.items() if value is not None}
    code = (
        "import boto3; s = boto3.Session(); print(s.profile_name, s.region_name,"
        " s.client('sts').get_caller_identity()['Arn'], s.client('sts').meta.endpoint_url)"
    )
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    arn = f"arn:aws:iam::{running.account}:user/ravi"
    assert said.stdout.split() == ["sandbox", running.region, arn, running.endpoint]


def test_the_environment_unsets_whatever_leads_elsewhere(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "https://elsewhere.example")
    found = control.environment(running)
    assert {name for name, value in found.items() if value is None} >= {
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_SSM",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
    }
    assert Path(found["SSMX_CA_BUNDLE"] or "").read_text("ascii").startswith("-----BEGIN CERTIFICATE-----")
    assert running.secret_key not in "".join(value or "" for value in found.values())


def test_two_at_once_start_one_and_sigterm_ends_it_in_the_middle_of_a_request(tmp_path: Path, node: str) -> None:
    folder = tmp_path / "box"
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: control.up(folder), range(2))
    assert one == other
    ec2 = client_of(one, "ec2")
    assert node_named(ec2, "payments-api") == node  # the fleet has the same ids at every start
    levers = Levers(one)
    levers("POST", "fault", {"operation": "DescribeVpcs", "delay": 60})
    waiting = threading.Thread(target=_expect_failure, args=(ec2,))
    waiting.start()
    client = RawClient(one, client_of(one, "ssm").start_session(Target=node_named(ec2, "payments-api")))
    client.until_output("$ ")
    shell = levers("GET", "sessions")["sessions"][0]["shell"]
    postgres = woken(one)
    begun = time.monotonic()
    assert control.down(folder)
    assert time.monotonic() - begun < 2
    assert postgres.gone
    wait_for(lambda: not alive(shell))
    waiting.join()
    client.close()
    assert not (folder / "state.json").exists()
    assert control.running(folder) is None
    assert not control.down(folder)


def _expect_failure(ec2: object) -> None:
    with pytest.raises((BotoCoreError, ClientError)):
        ec2.describe_vpcs()  # type: ignore[attr-defined]


def test_a_killed_sandbox_leaves_no_shell_and_no_claim(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    found = control.up(folder)
    ssm, ec2 = client_of(found, "ssm"), client_of(found, "ec2")
    client = RawClient(found, ssm.start_session(Target=node_named(ec2, "payments-api")))
    client.until_output("$ ")
    client.run("sleep 1000 & echo job=$!=; sleep 2000", "\r\njob=")
    client.until_output("=\r\n")
    job = int(client.output.decode().rsplit("\r\njob=", 1)[1].split("=")[0])
    shell = Levers(found)("GET", "sessions")["sessions"][0]["shell"]
    wait_for(lambda: len(_children(shell)) == 2)
    family = [shell, job, *_children(shell)]
    os.kill(found.pid, signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in family))
    client.close()
    assert (folder / "state.json").exists()
    wait_for(lambda: control.running(folder) is None)  # a killed process takes its time, too
    assert not control.down(folder)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def test_a_state_file_of_another_process_with_that_number_is_not_believed(
    running: Running, folder: Path, tmp_path: Path
) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        state = json.loads((folder / "state.json").read_text("utf-8"))
        stale = tmp_path / "box"
        stale.mkdir()
        (stale / "state.json").write_text(json.dumps({**state, "pid": bystander.pid}), "utf-8")
        assert control.running(stale) is None
        assert not control.down(stale)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}', '{"config_file": 3}'])
def test_a_broken_state_file_counts_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text, "utf-8")
    assert control.running(tmp_path) is None
    assert not control.down(tmp_path)


def test_it_ends_when_nobody_uses_it(tmp_path: Path) -> None:
    found = control.up(tmp_path / "box", idle_minutes=0.01)
    wait_for(lambda: control.running(tmp_path / "box") is None, seconds=6)
    assert not (tmp_path / "box" / "state.json").exists()
    assert not alive(found.pid)


def test_a_start_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "werkzeug.py").write_text("raise RuntimeError('flask is out')", "ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LocalFault, match="RuntimeError: flask is out") as refused:
        control.up(tmp_path / "box")
    assert "sandbox.log" in refused.value.hint


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {SOURCE!r})\n"
        "from pathlib import Path\nfrom ssmx.errors import LocalFault\nfrom ssmx.sandbox import control\n"
        f"try: control.up(Path({str(tmp_path / 'box')!r}))\n"
        "except LocalFault as error: print(error.message, '|', error.hint)\n"
        "heavy = {'boto3', 'botocore', 'moto', 'asyncio', 'flask', 'websockets'}\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & heavy))"
    )
    said = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert "moto, flask, flask_cors | pip install 'ssmx-cli[sandbox]'" in said.stdout
    assert said.stdout.endswith("[]\n")


def test_a_folder_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "box").symlink_to(tmp_path / "real")
    with pytest.raises(LocalFault, match="not a folder of yours"):
        control.up(tmp_path / "box")
    (tmp_path / "file").write_text("", "ascii")
    with pytest.raises(LocalFault):
        control.up(tmp_path / "file")
