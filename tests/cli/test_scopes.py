"""Many accounts and regions at once: `ls -A`, `resolve -A` and `index refresh --all`."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

REGIONS = ("eu-west-1", "us-east-1")
BOTH = f'profiles = ["prod", "dev"]\nregions = {[*REGIONS]}'


class Config:
    """The user's two files, of ssmx and of AWS."""

    def __init__(self, home, running):
        self.home = home
        self.keys = Path(running.config_file).read_text().partition("\n")[2]
        self.aws = home / "aws-config"
        self.aws.write_text("")

    def profile(self, name, *, endpoint="", keys=True, more=""):
        """Another profile, which leads to the sandbox or to this endpoint."""
        lines = [each for each in self.keys.splitlines() if not (endpoint and each.startswith("endpoint_url"))]
        said = [*(lines if keys else ()), *([f"endpoint_url = {endpoint}"] if endpoint else []), more]
        self.aws.write_text("\n".join([self.aws.read_text(), f"[profile {name}]", *said, ""]))
        os.utime(self.aws, (1, 1))
        return self

    def says(self, text):
        path = self.home / ".config" / "ssmx" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (1, 1))
        return self


@pytest.fixture
def config(home, env, running):
    return Config(home, running).profile("prod").profile("dev").says(f"[scopes]\n{BOTH}\n")


@pytest.fixture
def env(env, home):
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        env.pop(name, None)
    # The sandbox takes its time where a machine is busy.
    return {**env, "AWS_CONFIG_FILE": str(home / "aws-config"), "SSMX_SCOPE_TIMEOUT": "60"}


@contextmanager
def listening(say=b""):
    """An endpoint that takes connections and says this over and over, or nothing; it never comes to an end."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:

        def trickle(connection):
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n")
                done = threading.Event()
                while not done.wait(0.05):
                    connection.sendall(say)

        def accept():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_quietly, args=(trickle, connection), daemon=True).start()

        if say:
            threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _quietly(run, connection):
    with suppress(OSError):
        run(connection)


def rows(result):
    """Profile, region and id of each row."""
    return {tuple(line.split("\t")[each] for each in (3, 2, 0)) for line in result.out.splitlines()}


@pytest.mark.usefixtures("config")
class TestListing:
    def test_every_scope_is_listed_with_where_its_nodes_are(self, ssmx):
        result = ssmx("ls", "-A", "payments-api", "--columns", "id", "-o", "tsv")
        assert (result.status, result.err) == (0, "")
        assert {(profile, region) for profile, region, _ in rows(result)} == {
            ("prod", "eu-west-1"),
            ("dev", "eu-west-1"),
        }
        [heading, *lines] = ssmx("ls", "--all-scopes", "admin-ui").out.splitlines()
        assert heading.split()[-3:] == ["ACCOUNT", "REGION", "PROFILE"]
        assert sorted(line.split()[-1] for line in lines) == ["dev", "prod"]
        assert {len(line[: line.index("123456789012")]) for line in lines} == {heading.index("ACCOUNT")}

    def test_json_is_one_array_and_csv_has_one_heading(self, ssmx):
        found = ssmx("ls", "-A", "admin-ui", "-o", "json").json
        assert sorted((each["name"], each["region"], each["profile"]) for each in found) == [
            ("admin-ui", "eu-west-1", "dev"),
            ("admin-ui", "eu-west-1", "prod"),
        ]
        lines = ssmx("ls", "-A", "admin-ui", "--columns", "name,region", "-o", "csv").out.splitlines()
        assert lines[0] == "name,region,account,profile"
        assert len(lines) == 3
        assert ssmx("ls", "-A", "admin-ui", "-o", "name").out == "admin-ui\nadmin-ui\n"

    def test_a_flag_narrows(self, ssmx):
        found = rows(ssmx("ls", "-A", "admin-ui", "-p", "dev", "--columns", "id", "-o", "tsv"))
        assert {each[0] for each in found} == {"dev"}
        result = ssmx("ls", "-A", "admin-ui", "-r", "us-east-1")
        assert (result.status, result.out) == (0, "")
        assert "no nodes fit in 2 scopes" in result.err

    def test_regions_left_out_are_the_profiles_own_and_enabled_are_all(self, ssmx, config, levers):
        config.says('[[scopes]]\nprofiles = ["prod"]\n[[scopes]]\nprofiles = ["dev"]\nregions = "enabled"\n')
        result = ssmx("ls", "-A", "admin-ui", "--columns", "id", "-o", "tsv")
        assert (result.status, result.err) == (0, "")
        assert {each[:2] for each in rows(result)} == {("prod", "eu-west-1"), ("dev", "eu-west-1")}
        assert len(levers.asked("DescribeRegions")) == 1

    def test_enabled_needs_no_region_and_a_region_that_is_said_twice_is_asked_once(self, ssmx, config, levers):
        bare = "\n".join(each for each in config.keys.splitlines() if not each.startswith("region"))
        config.profile("bare", keys=False, more=bare).says('[scopes]\nprofiles = ["bare"]\nregions = "enabled"\n')
        result = ssmx("resolve", "-A", "admin-ui", "-o", "json")
        assert (result.status, result.err) == (0, "")
        assert result.json["region"] == "eu-west-1"
        own = '[[scopes]]\nprofiles = ["prod"]\n'
        config.says(f'{own}{own}regions = ["us-east-1", "eu-west-1"]\n')
        levers("POST", "reset")
        assert ssmx("ls", "-A", "admin-ui", "-o", "name").out == "admin-ui\n"
        assert len(levers.asked("DescribeInstances")) == 2

    def test_without_scopes_it_says_what_to_write(self, ssmx, config):
        config.says("")
        result = ssmx("ls", "-A")
        assert (result.status, len(result.err.splitlines())) == (78, 2)
        assert "[scopes]" in result.err

    @pytest.mark.parametrize("words", [("ls", "-A", "--cached"), ("ls", "rds", "-A")])
    def test_what_is_not_for_scopes_is_refused(self, ssmx, words):
        result = ssmx(*words)
        assert (result.status, len(result.err.splitlines())) == (2, 2)


class TestFailures:
    @pytest.mark.parametrize("said", [b"", b" "])
    def test_an_endpoint_that_never_answers_costs_the_limit_and_the_rest_is_shown(self, ssmx, config, said):
        with listening(said) as dead:
            config.profile("gone", endpoint=dead).says(
                f'[scopes]\nprofiles = ["gone", "prod"]\nregions = {[*REGIONS]}\n'
            )
            result = ssmx("ls", "-A", "admin-ui", "--columns", "id", "-o", "tsv", SSMX_SCOPE_TIMEOUT="2.5")
        assert result.status == 1
        assert {each[:2] for each in rows(result)} == {("prod", "eu-west-1")}
        gone = [line for line in result.err.splitlines() if "gone" in line]
        assert sorted(gone) == [f"ssmx: {region} of gone: no answer in 2.5 s" for region in REGIONS]

    def test_a_profile_that_cannot_sign_in_is_one_line_with_its_reason(self, ssmx, config):
        mfa = "role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = dev\nmfa_serial = arn:aws:iam::1:mfa/x"
        config.profile("mfa", keys=False, more=mfa)
        config.says('[scopes]\nprofiles = ["nobody", "mfa", "prod"]\nregions = ["eu-west-1"]\n')
        result = ssmx("ls", "-A", "admin-ui", "-o", "name", "--no-input")
        assert (result.status, result.out) == (1, "admin-ui\n")
        assert any(line.startswith("ssmx: nobody: profile 'nobody'") for line in result.err.splitlines())
        assert "ssmx: mfa: this profile wants an MFA code, and there is nobody to ask" in result.err.splitlines()

    def test_a_profile_without_a_region_says_where_it_was_asked_for_its_regions(self, ssmx, config, levers):
        bare = "\n".join(each for each in config.keys.splitlines() if not each.startswith("region"))
        config.profile("bare", keys=False, more=bare).says('[scopes]\nprofiles = ["bare"]\nregions = "enabled"\n')
        levers.fault("DescribeRegions", "AuthFailure", status=401)
        result = ssmx("ls", "-A")
        assert result.status == 1
        assert "(asked in us-east-1, for the profile has no region)" in result.err

    def test_in_json_each_is_an_object(self, ssmx, config):
        config.says('[scopes]\nprofiles = ["nobody", "prod"]\n')
        result = ssmx("ls", "-A", "admin-ui", "-o", "json")
        assert result.status == 1
        assert [each["profile"] for each in result.json] == ["prod"]
        said = json.loads(result.err)
        assert (said["error"], said["profile"], said["region"]) == ("config", "nobody", "")

    @pytest.mark.usefixtures("config")
    def test_a_refusal_is_told_with_its_scope(self, ssmx, levers):
        levers.fault("DescribeInstances", "UnauthorizedOperation", status=403)
        result = ssmx("ls", "-A", "admin-ui", "-o", "name", "-p", "prod")
        assert result.status == 1
        [line] = result.err.splitlines()
        assert " of prod: AWS refused ec2:DescribeInstances" in line

    @pytest.mark.usefixtures("config")
    def test_what_is_throttled_is_asked_again(self, ssmx, levers):
        levers.fault("DescribeInstances", "RequestLimitExceeded", status=503, times=3)
        result = ssmx("ls", "-A", "admin-ui", "-o", "name", "-p", "prod")
        assert (result.status, result.out, result.err) == (0, "admin-ui\n", "")
        assert len(levers.asked("DescribeInstances")) == 5

    def test_ctrl_c_ends_at_once(self, env, config):
        with listening() as dead:
            config.profile("gone", endpoint=dead).says(
                '[scopes]\nprofiles = ["prod", "gone"]\nregions = ["eu-west-1"]\n'
            )
            command = [sys.executable, "-m", "ssmx", "ls", "-A", "admin-ui", "-o", "name"]
            with subprocess.Popen(
                command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as ls:
                assert ls.stdout.readline() == "admin-ui\n"  # shown while another is waited for
                ls.send_signal(signal.SIGINT)
                out, err = ls.communicate(timeout=30)
        assert (ls.returncode, out, err) == (130, "", "ssmx: interrupted\n")


class TestResolve:
    def test_one_anywhere_is_it(self, ssmx, config, nodes):
        config.says(f'[scopes]\nprofiles = ["prod", "dev"]\nregions = {[*REGIONS]}\n')
        result = ssmx("resolve", "-A", "payments-api", "-o", "json")  # two profiles of one account see one node
        assert (result.status, result.json["id"], result.json["region"]) == (0, nodes["payments-api"], "eu-west-1")
        assert ssmx("resolve", "-A", "payments-api", "-o", "name").out == "payments-api\n"
        assert "PROFILE" in ssmx("resolve", "-A", "payments-api").out

    @pytest.mark.usefixtures("config")
    def test_several_none_and_one_that_sleeps_are_as_in_one_scope(self, ssmx):
        result = ssmx("resolve", "-A", "web")
        assert (result.status, result.out) == (68, "")
        assert result.err.count("eu-west-1  prod") + result.err.count("eu-west-1  dev") == 6
        assert ssmx("resolve", "-A", "web", "--any", "-o", "name").out == "web\n"
        result = ssmx("resolve", "-A", "nobody")
        assert (result.status, "in 4 scopes" in result.err) == (68, True)
        assert ssmx("resolve", "-A", "search-indexer").status == 69

    def test_while_a_scope_has_not_answered_the_answer_is_not_complete(self, ssmx, config):
        config.says('[scopes]\nprofiles = ["prod", "nobody"]\n')
        result = ssmx("resolve", "-A", "payments-api", "-o", "name")
        assert (result.status, result.out) == (1, "payments-api\n")
        result = ssmx("resolve", "-A", "unknown")
        assert (result.status, result.out) == (1, "")
        assert "in the one scope that answered" in result.err
        assert ssmx("resolve", "-A", "web").status == 68  # more of them would change nothing


@pytest.mark.usefixtures("config")
class TestIndex:
    @pytest.fixture(autouse=True)
    def forgotten(self, ssmx):
        assert ssmx("index", "clear").status == 0

    def test_every_scope_gets_its_index_and_its_pointer(self, ssmx, cache):
        result = ssmx("index", "refresh", "--all", "-p", "prod", "-o", "json", SSMX_INDEX_REFRESH="900")
        assert result.status == 0, result.err
        assert {(each["region"], each["profile"]) for each in result.json} == {(each, "prod") for each in REGIONS}
        assert [*(cache / "ssmx" / "index" / "at").glob("prod,us-east-1,*")]
        again = ssmx("index", "refresh", "--all", "--stale", "-p", "prod", "-o", "json", SSMX_INDEX_REFRESH="900")
        assert (again.status, again.json) == (0, [])

    def test_a_listing_teaches_each_as_well(self, ssmx):
        assert ssmx("ls", "-A").status == 0
        known = {(each["region"], each["profile"]) for each in ssmx("index", "show", "-o", "json").json}
        assert known == {("eu-west-1", "prod"), ("eu-west-1", "dev")}  # what has no nodes tells of no account
