"""ssmx up: ports at once, sessions when they are wanted, and what is wrong with the file or the machine."""

import json
import os
import plistlib
import re
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.waiting import until

PAGE = "[tunnels.page]\nkind = 'forward'\ntarget = 'payments-api'\nremote = 80\n"
ECHO = "[tunnels.echo]\nkind = 'forward'\ntarget = 'payments-api'\nremote = 7\n"
DATABASE = "[tunnels.payments]\nkind = 'rds'\nendpoint = 'payments-prod'\n"


def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
        return answer.read().decode()


def test_ports_listen_at_once_and_sessions_come_and_go_with_connections(team, levers):
    team.says(PAGE + "idle_minutes = 0.01\n" + DATABASE)
    result = team.up()
    assert result.status == 0, result.err
    assert re.fullmatch(
        r"NAME +LISTENS +LEADS TO +RESULT\n"
        r"page +localhost:\d+ +port 80 of payments-api +up\n"
        r"payments +localhost:\d+ +rds/payments-prod +up\n",
        result.out,
    ), result.out
    assert levers("GET", "requests")["requests"] == []  # AWS has not been asked for anything
    port = team.port("page")
    for sessions in (1, 2):
        assert "ip-10-0-12-87" in get(port)
        assert len(levers.asked("StartSession")) == sessions
        until(lambda: not levers.open_sessions(), seconds=10)
    assert [each["file"] for each in team.written] == [str(team.file)]


def test_what_is_up_is_up_already_and_goes_down_by_name_and_as_a_whole(team):
    team.says(PAGE + ECHO)
    assert team.up("page").out.count("up\n") == 1
    first = [each["pid"] for each in team.written]
    result = team.up()
    assert "up already" in result.out
    assert [each["pid"] for each in team.written] == first
    result = team.down("page")
    assert result.err == "ssmx: down: page\n"
    assert [each["name"] for each in team.written[0]["tunnels"]] == ["echo"]
    assert team.down().err == "ssmx: down: echo\n"
    assert team.written == []
    assert "nothing of" in team.down().err


def test_ports_are_the_same_the_next_time(team):
    team.says(PAGE + ECHO)
    first = team.up().out
    team.down()
    assert team.up().out == first


def test_a_client_of_the_users_runs_through_a_tunnel_which_stays(team):
    team.says(PAGE + DATABASE)
    query = "import os, sys; print(os.environ['PGHOST'], os.environ['SSMX_PORT']); sys.exit(5)"
    result = team.up("payments", "--", sys.executable, "-c", query)
    assert result.status == 5, result.err
    host, port = result.out.split()
    assert host.startswith("payments-prod.")
    assert int(port) == team.port("payments")
    result = team.up("page", "--", sys.executable, "-c", "import os; print(os.environ['SSMX_ENDPOINT'])")
    assert result.out == "port 80\n"
    assert team.up("--", "true").status == 2  # through which?


def test_the_files_own_client_runs_once_the_file_is_trusted(team):
    team.says(PAGE + f"client = ['{sys.executable}', '-c', 'print(\"mine\", {{port}})']\n")
    refused = team.up("page", "--client")
    assert refused.status == 78
    assert "5: tunnel page names a program" in refused.err
    assert "try: read it, then `ssmx config trust`" in refused.err
    assert team.written == []
    team.ssmx("config", "trust", str(team.file))
    result = team.up("page", "--client")
    assert result.status == 0, result.err
    assert result.out == f"mine {team.port('page')}\n"


def test_a_port_that_has_no_client_of_its_own_is_told_before_anything_begins(team):
    result = team.says(PAGE).up("page", "--client")
    assert result.status == 2
    assert "page has no client of its own" in result.err
    assert team.written == []


def test_an_endpoint_of_any_host_goes_through_its_jump(team):
    host = "[tunnels.page]\nkind = 'host'\nendpoint = 'legacy.corp.internal:80'\njump = 'bastion-prod'\n"
    assert team.says(host).up().status == 78
    team.says(host, trusted=True)
    assert team.up().status == 0
    assert team.up("page", "-o", "json").json["tunnels"][0]["endpoint"] == "legacy.corp.internal:80"


def test_a_port_that_is_taken_is_the_programs_that_has_it_and_the_others_are_up(team, free_port):
    team.says(PAGE + f"port = {free_port}\n" + ECHO)
    holds = f"import socket; s = socket.create_server(('127.0.0.1', {free_port})); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as holder:
        holder.stdout.readline()
        result = team.up()
        holder.stdin.close()
    assert result.status == 73
    assert f"ssmx: page: port {free_port} of 127.0.0.1 is taken by python" in result.err
    assert f"(pid {holder.pid})" in result.err
    assert re.search(r"page +port 80 of payments-api +failed\necho +localhost:\d+", result.out), result.out
    assert team.up().status == 0  # and once it is free, it is up


def test_a_port_of_another_tunnel_of_ours_is_named_after_it(team, free_port):
    team.says(PAGE + f"port = {free_port}\n")
    team.up()
    result = team.ssmx("forward", "payments-api", f"{free_port}:7")
    assert result.status == 73
    assert "taken by the tunnel page (pid" in result.err


def test_a_name_that_another_process_keeps_is_refused(team):
    assert team.ssmx("forward", "payments-api", "0:7", "--background", "--name", "page").status == 0
    result = team.says(PAGE + ECHO).up()
    assert result.status == 73
    assert "page: a tunnel called page is up already" in result.err
    assert "echo" in result.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tunnels.page\n", r":1: "),
        (PAGE + "prot = 80\n", r":5: unknown key 'prot' in tunnel page; did you mean 'port'\?"),
        (PAGE + "port = 8080\n" + ECHO + "port = 8080\n", r":10: port 8080 is that of tunnel page, too \(line 5\)"),
        ("[tunnels.page]\nkind = 'forward'\n", r":1: tunnel page has no target"),
    ],
)
def test_a_broken_file_is_told_by_its_line_before_anything_begins(team, text, message):
    result = team.says(text).up()
    assert result.status == 78
    assert re.match(rf"ssmx: {team.file}{message}", result.err), result.err
    assert len(result.err.splitlines()) == 2
    assert team.written == []


def test_what_is_not_there_is_said(team):
    assert "cannot read" in team.up().err
    team.says(PAGE)
    result = team.up("pages")
    assert result.status == 68
    assert "no tunnel 'pages' is in" in result.err
    assert "did you mean 'page'?" in result.err
    assert team.says("").up().err == f"ssmx: {team.file} declares no tunnel\n"
    assert team.down("page").status == 68


def test_an_endpoint_that_is_not_there_is_told_to_its_status_and_its_clients_are_cut(team, levers):
    team.says("[tunnels.nothing]\nkind = 'rds'\nendpoint = 'payments-nowhere'\n")
    port = team.port("nothing")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client, pytest.raises(ConnectionError):
        assert client.recv(1) != b""
    [tunnel] = team.up("-o", "json").json["tunnels"]
    assert tunnel["state"] == "failed"
    assert "payments-nowhere" in tunnel["problem"]
    assert levers.open_sessions() == []


@pytest.mark.parametrize("what", ["tunnels", "tunnels/logs"])
def test_a_state_folder_that_cannot_be_is_an_error_and_nothing_is_up(team, what):
    place = team.state.parent / what
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("a file, where a folder should be")
    result = team.says(PAGE).up()
    assert result.status == 73
    assert re.match(r"ssmx: cannot make .*\n  try: ", result.err), result.err


def test_a_full_disk_is_an_error_and_nothing_is_up(team, env, free_port):
    """As with `ulimit -f 0`, every write to a file fails; what is left of one has no bytes."""
    team.says(PAGE + f"port = {free_port}\n")
    words = [sys.executable, "-m", "ssmx", "up", "-f", str(team.file)]
    done = subprocess.run(
        ["/bin/bash", "-c", 'ulimit -f 0; exec "$@"', "-", *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 73, done.stderr
    assert "cannot write" in done.stderr
    with socket.create_server(("127.0.0.1", free_port)):
        pass
    assert not [each for each in team.state.glob("*.json") if each.read_text()]


def test_it_is_found_from_a_folder_below(team, env, home):
    below = home / "a" / "b"
    below.mkdir(parents=True)
    team.says(PAGE)
    for words in (["up"], ["down"]):
        done = subprocess.run(
            [sys.executable, "-m", "ssmx", *words], cwd=below, env=env, capture_output=True, text=True, check=True
        )
    assert done.stderr == "ssmx: down: page\n"


def test_what_is_up_for_another_profile_is_not_taken_for_what_is_asked(team):
    """It would lead to another account than the user thinks."""
    team.says(PAGE)
    real = {"SSMX_SANDBOX": "", "AWS_REGION": "eu-west-1"}
    assert team.up("-p", "prod", **real).status == 0
    for words in (["-p", "dev"], [], ["-p", "prod", "-r", "us-east-1"]):
        result = team.up(*words, **real)
        assert result.status == 73, result.out
        assert "are up with profile prod and region eu-west-1 (pid " in result.err
    assert "up already" in team.up("-p", "prod", **real).out
    team.down()
    here = {**real, "AWS_PROFILE": "prod"}
    assert team.up(**here).status == 0
    assert team.up(**{**here, "AWS_PROFILE": "dev"}).status == 73
    team.says(f"profile = 'prod'\n{PAGE}")  # which says it for whoever asks
    assert team.up(**{**here, "AWS_PROFILE": "dev"}).status == 0
    team.down()
    nothing = {**real, "AWS_PROFILE": "", "AWS_REGION": ""}
    assert team.up(**nothing).status == 0
    assert "are up with what the file says (pid " in team.up("-p", "dev", **nothing).err


def test_a_link_to_the_file_is_the_file_whichever_way_it_is_named(team, env, home):
    folder = home / "project"
    folder.mkdir()
    (folder / "ssmx.toml").symlink_to(team.says(PAGE).file)
    said = [
        subprocess.run(
            [sys.executable, "-m", "ssmx", *words], cwd=folder, env=env, capture_output=True, text=True, check=True
        )
        for words in (["up"], ["up", "-f", "ssmx.toml"], ["down"])
    ]
    assert "up already" in said[1].stdout
    assert said[2].stderr == "ssmx: down: page\n"


@pytest.mark.parametrize("words", [["up"], ["up", "-f", "ssmx.toml"], ["init"], ["config", "trust", "ssmx.toml"]])
def test_a_folder_that_is_gone_is_said(env, tmp_path, words):
    (tmp_path / "gone").mkdir()
    script = f"cd {tmp_path}/gone && rmdir {tmp_path}/gone && exec {sys.executable} -P -m ssmx {' '.join(words)}"
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert done.stderr.splitlines()[0] == "ssmx: the folder you are in is gone"


def test_connections_are_exported_for_other_clients(team, free_port):
    team.says(DATABASE + f"port = {free_port}\n" + PAGE)
    result = team.up("--export", "jdbc")
    assert result.status == 0, result.err
    [line] = result.out.splitlines()
    assert line.startswith(f"payments\tjdbc:postgresql://127.0.0.1:{free_port}/payments?")
    assert "sslmode=verify-ca" in line
    assert "page: " in result.err  # is left out, and why
    assert (
        f"payments-prod.c8365695b094.eu-west-1.rds.amazonaws.com:{free_port}:" in team.up("--export", "pgpass").out
    )
    sources = json.loads(team.up("--export", "dbeaver").out)["connections"]
    assert [each["configuration"]["port"] for each in sources.values()] == [str(free_port)]
    assert "jdbc:postgresql" in team.up("--export", "datagrip").out
    exported = team.up("--export", "env").out
    assert f"PAYMENTS_PORT={free_port}" in exported
    assert "PAGE_PORT=" in exported
    assert team.written == []  # it prints, and no more
    team.up()
    assert team.up("--export", "env").out == exported


def test_a_unit_keeps_the_file_up(team):
    team.says(PAGE)
    systemd = team.up("--unit", "systemd").out
    assert f" up --foreground --no-input -f {team.file}" in systemd.replace('"', "")
    body = plistlib.loads(team.up("--unit", "launchd").out.encode())
    assert body["ProgramArguments"][-2:] == ["-f", str(team.file)]


def test_in_the_foreground_it_stays_until_it_is_ended(team, env):
    team.says(PAGE)
    words = [sys.executable, "-m", "ssmx", "up", "--foreground", "-f", str(team.file)]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        line = process.stderr.readline()
        assert re.fullmatch(r"ssmx: page: localhost:\d+ waits for its first connection\n", line), line
        assert "ip-10-0-12-87" in get(team.port("page"))
        second = team.up("--foreground")
        assert second.status == 73
        assert f"are up already (pid {process.pid})" in second.err
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 143


def test_a_reader_who_has_enough_is_no_fault_of_this_machine(team, env):
    team.says("".join(PAGE.replace("page", f"page{number}") for number in range(20)))
    reads, writes = os.pipe()
    os.close(reads)
    words = [sys.executable, "-m", "ssmx", "up", "-f", str(team.file), "-o", "json"]
    done = subprocess.run(words, env=env, stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (141, "")


def test_options_that_exclude_each_other_are_a_usage_error(team):
    team.says(PAGE)
    assert "--export and --unit at once" in team.up("--export", "env", "--unit", "systemd").err
    assert team.up("page", "--client", "--", "true").status == 2
    assert team.up("page", "--").status == 2


def test_credentials_of_the_files_own_command_and_urls_in_place_of_aws(team, running, home, levers):
    keys = {
        "Version": 1,
        "AccessKeyId": running.access_key,
        "SecretAccessKey": running.secret_key,
    }
    (home / "keys.json").write_text(json.dumps(keys))
    own = f"credential_process = 'cat {home}/keys.json'\nendpoint_url = '{running.endpoint}'\n"
    team.says(PAGE + own + f"region = '{running.region}'\n", trusted=True)
    here = {"AWS_CONFIG_FILE": os.devnull, "AWS_PROFILE": "", "XDG_CACHE_HOME": str(home / "cache")}
    result = team.up(**here)
    assert result.status == 0, result.err
    assert "ip-10-0-12-87" in get(team.port("page", **here))
    assert team.down().status == 0  # and all that it has learned would be kept
    assert not (home / "cache" / "ssmx" / "index").exists()  # for in a shell its profile has other keys


def test_newer_keys_of_a_terminal_are_those_of_the_tunnels(team, running, levers):
    """A sign-in that has expired is mended by the next `ssmx up`, from a terminal that has a newer one."""
    team.says(PAGE)
    here = {"AWS_PROFILE": "", "AWS_CONFIG_FILE": os.devnull, "AWS_REGION": running.region}
    here |= {"AWS_ENDPOINT_URL": running.endpoint}
    old = {"AWS_ACCESS_KEY_ID": "AKIAEXPIRED000000000", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "old"}
    new = {"AWS_ACCESS_KEY_ID": running.access_key, "AWS_SECRET_ACCESS_KEY": running.secret_key}
    assert team.up(**here, **old).status == 0
    port = team.port("page", **here, **old)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        until(lambda: team.up("-o", "json", **here, **old).json["tunnels"][0]["problem"])
        assert team.up(**here, **new).status == 0
        assert b"200" in client.recv(100)


def test_a_client_keeps_no_other_up_waiting(team, env):
    team.says(PAGE)
    words = [sys.executable, "-m", "ssmx", "up", "-f", str(team.file), "page", "--"]
    client = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen([*words, *client], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert "up already" in team.up().out
        process.communicate(b"\n", timeout=20)
    assert process.returncode == 0


def test_what_is_no_longer_declared_goes_down_though_nothing_else_is(team):
    team.says(PAGE).up()
    assert "page" in team.says("").up().out
    until(lambda: not team.written, seconds=10)
