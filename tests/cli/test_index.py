"""What ssmx knows without asking AWS: names just looked up, other accounts and regions, the last target."""

import os
import subprocess
import sys

import pytest

from ssmx.model.index import parse, written
from tests.cli.running import asked, runs

pytestmark = pytest.mark.usefixtures("forgotten")


@pytest.fixture
def env(env):
    return {**env, "SSMX_INDEX_FRESH": "60"}


@pytest.mark.usefixtures("none_open")
class TestAName:
    def test_that_was_looked_up_starts_a_session_at_once(self, ssmx, levers, nodes):
        known = nodes["payments-api"]
        first = runs(ssmx, "payments-api")
        levers("POST", "reset")
        assert runs(ssmx, "payments-api") == first
        assert runs(ssmx, known) == first
        assert set(asked(levers)) <= {"StartSession", "TerminateSession"}

    def test_is_looked_up_again_after_a_minute_or_never_kept(self, ssmx, levers, index):
        runs(ssmx, "payments-api")
        levers("POST", "reset")
        runs(ssmx, "payments-api", SSMX_INDEX_FRESH="0")
        runs(ssmx, "payments-api", SSMX_INDEX_FRESH="0.001")
        assert asked(levers).count("DescribeInstances") == 2

    @pytest.mark.parametrize("code", ["TargetNotConnected", "InvalidInstanceId"])
    def test_whose_node_is_not_there_is_looked_up_once(self, ssmx, levers, code):
        runs(ssmx, "payments-api")
        levers("POST", "reset")
        levers.fault("StartSession", code)
        assert runs(ssmx, "payments-api")[1] == ""
        assert asked(levers).count("StartSession") == 2
        assert asked(levers).count("DescribeInstances") == 1
        levers("POST", "reset")
        levers.fault("StartSession", code, times=9)
        result = ssmx("run", "payments-api", "--", "true")
        assert (result.status, len(result.err.splitlines())) == (69, 2)
        assert asked(levers).count("StartSession") == 2

    def test_that_may_mean_more_than_one_name_is_looked_up(self, ssmx, levers, nodes, index):
        host = "ip-10-0-12-87"  # EC2's name of one node, and the Name of another
        assert ssmx("ls").status == 0
        [path] = index.glob("scopes/*/index")
        for name in (host, "payments-*"):
            known = parse(path.read_bytes())
            known.nodes = {
                node: line.replace("\tpayments-api\t", f"\t{name}\t") for node, line in known.nodes.items()
            }
            path.write_bytes(written(known))
            levers("POST", "reset")
            ssmx("run", name, "--", "true")
            assert "DescribeInstances" in asked(levers)

    def test_for_a_port_is_looked_up_at_once_as_well(self, ssmx, levers):
        runs(ssmx, "admin-ui")
        levers("POST", "reset")
        levers.fault("StartSession", "TargetNotConnected")
        result = ssmx("forward", "admin-ui", "0:8080", "--", "true")
        assert result.status == 0, result.err
        assert asked(levers).count("DescribeInstances") == 1

    def test_of_several_nodes_or_of_one_that_sleeps_is_looked_up(self, ssmx, levers):
        assert ssmx("ls").status == 0
        for name, status in (("web", 68), ("search-indexer", 69), ("nobody", 68)):
            levers("POST", "reset")
            assert ssmx("run", name, "--", "true").status == status
            assert "DescribeInstances" in asked(levers)

    def test_is_looked_up_by_commands_that_only_look(self, ssmx, levers):
        runs(ssmx, "payments-api")
        levers("POST", "reset")
        assert ssmx("resolve", "payments-api").status == 0
        assert "DescribeInstances" in asked(levers)

    def test_of_another_profile_is_not_known(self, ssmx, levers, profiles, index):
        runs(ssmx, "payments-api", **profiles("prod"))
        levers("POST", "reset")
        runs(ssmx, "payments-api", **profiles("preprod"))
        assert "DescribeInstances" in asked(levers)
        scopes = sorted(each.name.split(",")[2] for each in (index / "scopes").iterdir())
        assert scopes == ["preprod", "prod"]

    def test_is_not_that_of_the_project_where_only_the_shell_is(self, env, levers, profiles, home):
        """A program may start ssmx in another folder, and leave PWD as it was."""
        seen = {**env, **profiles("prod"), "AWS_PROFILE": "", "PWD": str(home)}
        for folder, profile in ((home, "prod"), (home / "other", "preprod")):
            folder.mkdir(exist_ok=True)
            (folder / "ssmx.toml").write_text(f'profile = "{profile}"\n')
            os.utime(folder / "ssmx.toml", (1, 1))

        def looks_up(folder):
            levers("POST", "reset")
            words = [sys.executable, "-m", "ssmx", "run", "payments-api", "--", "true"]
            subprocess.run(words, env=seen, cwd=folder, stdin=subprocess.DEVNULL, check=True)
            return "DescribeInstances" in asked(levers)

        assert looks_up(home)
        assert not looks_up(home)
        assert looks_up(home / "other")
        assert looks_up(home / "other")

    def test_is_looked_up_after_the_aws_config_has_changed(self, ssmx, levers, profiles):
        runs(ssmx, "payments-api", **profiles("prod"))
        os.utime(profiles("prod")["AWS_CONFIG_FILE"])
        levers("POST", "reset")
        runs(ssmx, "payments-api", **profiles("prod"))
        assert "DescribeInstances" in asked(levers)

    def test_of_another_project_than_the_one_of_this_folder_is_not_known(self, ssmx, home, monkeypatch):
        for name in ("a", "b"):
            (home / name).mkdir()
            (home / name / "ssmx.toml").write_text("")
        monkeypatch.chdir(home / "a")
        assert ssmx("ls", PWD=str(home / "a")).status == 0
        assert ssmx("ls", "--cached", PWD=str(home / "a")).status == 0
        monkeypatch.chdir(home / "b")  # as a program does that starts ssmx elsewhere
        result = ssmx("ls", "--cached", PWD=str(home / "a"))
        assert (result.status, result.out) == (75, "")


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def garble(path):
    path.write_bytes(os.urandom(4000))


def link(path):
    path.rename(path.with_name("kept"))
    path.symlink_to("kept")


def give_away(path):
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(path, 12345, 12345)


def block(path):
    """As a folder in which nothing can be written: modes do not stop root."""
    path.unlink()
    path.mkdir()
    (path / "full").touch()


@pytest.mark.usefixtures("none_open")
@pytest.mark.parametrize("spoil", [cut, garble, link, give_away, block])
def test_an_index_that_is_spoilt_costs_a_look_up_and_nothing_else(ssmx, index, spoil):
    right = runs(ssmx, "payments-api")
    for which in ("scopes/*/index", "scopes/*/names", "at/*", "scopes/*/.lock"):
        [path] = index.glob(which)
        spoil(path)
        assert runs(ssmx, "payments-api") == right, which


@pytest.mark.parametrize("place", ["/dev/null", "/proc/none"])
def test_without_a_place_for_the_index_everything_works(ssmx, place):
    result = ssmx("resolve", "payments-api", "-o", "name", XDG_CACHE_HOME=place)
    assert (result.status, result.out, result.err) == (0, "payments-api\n", "")
    result = ssmx("index", "refresh", XDG_CACHE_HOME=place)
    assert (result.status, result.out) == (73, "")
    assert "cannot keep the index" in result.err


class TestTheCommand:
    def test_refresh_knows_everything_and_show_tells_of_it(self, ssmx):
        result = ssmx("index", "refresh", "-o", "json")
        assert result.status == 0, result.err
        [told] = result.json
        assert (told["account"], told["region"], told["profile"]) == ("123456789012", "eu-west-1", "sandbox")
        assert told["nodes"] >= 200
        assert told["endpoints"]["rds"] > 3
        assert ssmx("index", "show", "-o", "json").json == result.json
        assert "sandbox" in ssmx("index", "show").out

    def test_what_is_not_stale_is_not_asked_for(self, ssmx, levers):
        assert ssmx("ls").status == 0
        levers("POST", "reset")
        assert ssmx("index", "refresh", "--stale", SSMX_INDEX_REFRESH="900").status == 0
        assert ssmx("index", "refresh", "--stale", SSMX_INDEX_REFRESH="0").status == 0
        assert asked(levers) == []
        assert ssmx("index", "refresh", "--stale", SSMX_INDEX_REFRESH="0.001").status == 0
        assert "DescribeInstances" in asked(levers)

    def test_nothing_is_known_at_first(self, ssmx):
        result = ssmx("index", "show")
        assert (result.status, result.out) == (0, "")
        assert "ssmx index refresh" in result.err
        result = ssmx("ls", "--cached")
        assert (result.status, len(result.err.splitlines())) == (75, 2)

    def test_a_listing_from_it_is_that_of_aws_and_asks_nobody(self, ssmx, levers):
        alive = {each["id"]: each for each in ssmx("ls", "-o", "json").json}
        levers("POST", "reset")
        cached = {each["id"]: each for each in ssmx("ls", "--cached", "-o", "json").json}
        assert asked(levers) == []
        assert cached.keys() == alive.keys()
        for key, each in alive.items():
            told = {**each, "last_ping": None, "launched": None}
            told["tags"] = {name: value for name, value in each["tags"].items() if not name.startswith("aws:")}
            kept = {**cached[key], "last_ping": None, "launched": None}
            kept["tags"] = {name: value for name, value in kept["tags"].items() if not name.startswith("aws:")}
            assert kept == told

    def test_its_filters_are_those_of_a_listing(self, ssmx):
        assert ssmx("ls").status == 0
        for words in (("pay",), ("Env=prod", "web*"), ("asg/web",), ("i-*",), ("10.0.12.87",)):
            cached, alive = (
                sorted(ssmx("ls", *words, *how, "-o", "tsv", "--columns", "id").out.split())
                for how in (("--cached",), ())
            )
            assert cached == alive, words
            assert bool(alive) == (words != ("i-*",))  # a pattern is of names alone
