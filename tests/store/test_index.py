"""The files of the index: whole, private, and nobody else's."""

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from ssmx.errors import LocalFault
from ssmx.model.index import NODES, Index, Nodes, Scope
from ssmx.model.target import Target
from ssmx.store import pointed
from ssmx.store.index import Indexes

HERE = Scope("123456789012", "eu-west-1", "prod")


def node(number, name):
    about = {"state": "running", "ping": "Online", "account": HERE.account}
    return Target(f"i-{number:08x}", HERE.region, name=name, **about)


def answer(*names, at=100.0):
    return Nodes(at, [node(number, name) for number, name in enumerate(names)], every=True)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "ssmx" / "index"


@pytest.fixture
def indexes(folder):
    return Indexes(folder, refresh=900.0)


def scope_folder(folder):
    return folder / "scopes" / HERE.name


def environ(folder, **more):
    return {"XDG_CACHE_HOME": str(folder.parents[1]), "HOME": str(folder.parents[1] / "home"), **more}


def test_what_was_learned_is_read_again_and_by_shells(indexes, folder):
    indexes.learn(HERE, [answer("web", "api")])
    assert indexes.read(HERE.name).names() == ["api", "web"]
    assert (scope_folder(folder) / "names").read_text() == "ssmx 1 1000 2\napi\nweb\n"
    assert pointed.lines(str(scope_folder(folder)), pointed.WORDS) == ["i-00000000", "i-00000001"]


def test_all_of_it_is_private(indexes, folder):
    indexes.learn(HERE, [answer("web")])
    indexes.point("prod,,", HERE)
    for each in [folder, *folder.rglob("*")]:
        assert each.stat().st_mode & 0o077 == 0, each


def test_a_scope_is_found_by_what_a_shell_sees(indexes, folder):
    indexes.learn(HERE, [answer("web")])
    indexes.point("prod,,", HERE)
    assert pointed.scope_of(environ(folder, AWS_PROFILE="prod")) == str(scope_folder(folder))
    assert pointed.scope_of(environ(folder), profile="prod") == str(scope_folder(folder))
    for other in ({}, {"AWS_PROFILE": "preprod"}, {"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIA"}):
        assert pointed.scope_of(environ(folder, **other)) == ""


@pytest.mark.parametrize("name", [".aws/config", ".aws/credentials", ".config/ssmx/config.toml", "work/ssmx.toml"])
def test_a_pointer_that_is_older_than_what_decides_its_meaning_is_none(indexes, folder, name):
    seen = environ(folder, PWD=str(folder.parents[1] / "home" / "work"))
    decides = Path(seen["HOME"], name)
    decides.parent.mkdir(parents=True)
    decides.touch()
    project = pointed.project_file(seen)
    pointer = folder / "at" / (",," if not project else f",,,f={project.replace('/', '%2F')}")
    indexes.learn(HERE, [answer("web")])
    indexes.point(pointer.name, HERE)
    assert pointed.scope_of(seen) == str(scope_folder(folder))
    at = pointer.stat().st_mtime_ns
    os.utime(decides, ns=(at, at))
    assert pointed.scope_of(seen) == ""


def test_a_stale_time_never_comes_where_nothing_is_to_be_refreshed(folder):
    Indexes(folder, refresh=0.0).learn(HERE, [answer("web")])
    assert (scope_folder(folder) / "names").read_text().startswith("ssmx 1 99999999999 ")


def spoil_by_cutting(path):
    path.write_bytes(path.read_bytes()[:-9])


def spoil_by_bytes(path):
    path.write_bytes(b"\xff\x00" * 500)


def spoil_by_emptying(path):
    path.write_bytes(b"")


def spoil_by_link(path):
    other = path.with_name("other")
    path.rename(other)
    path.symlink_to(other)


def spoil_by_a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def spoil_by_an_owner(path):
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(path, 12345, 12345)


SPOILERS = [spoil_by_cutting, spoil_by_bytes, spoil_by_emptying, spoil_by_link, spoil_by_a_pipe, spoil_by_an_owner]


@pytest.mark.parametrize("spoil", SPOILERS)
def test_what_is_spoilt_is_as_nothing_and_is_replaced(indexes, folder, spoil):
    indexes.learn(HERE, [answer("web", "old")])
    for name in ("index", "names"):
        spoil(scope_folder(folder) / name)
    assert indexes.read(HERE.name) is None
    assert pointed.lines(str(scope_folder(folder)), pointed.NAMES) == []
    indexes.learn(HERE, [answer("api", at=200.0)])
    assert indexes.read(HERE.name).names() == ["api"]
    assert pointed.lines(str(scope_folder(folder)), pointed.NAMES) == ["api"]


def test_a_link_is_replaced_and_what_it_led_to_is_left_alone(indexes, folder, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    indexes.learn(HERE, [answer("web")])
    (scope_folder(folder) / "index").unlink()
    (scope_folder(folder) / "index").symlink_to(precious)
    indexes.learn(HERE, [answer("api")])
    assert precious.read_text() == "mine"
    assert indexes.read(HERE.name).names() == ["api"]


@pytest.mark.parametrize("which", ["index", "scopes"])
def test_a_folder_that_is_a_link_is_not_used(indexes, folder, tmp_path, which):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = folder if which == "index" else folder / "scopes"
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere)
    with pytest.raises(LocalFault, match="not a folder of yours"):
        indexes.learn(HERE, [answer("web")])
    assert list(elsewhere.rglob("*")) == []


def test_a_place_that_cannot_be_written_is_said_in_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(LocalFault, match="cannot keep the index"):
        Indexes(tmp_path / "taken" / "index", refresh=900.0).learn(HERE, [answer("web")])


def forked(work):
    """Do it in a process of its own; gives its pid."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work() or 0
        finally:
            os._exit(status)
    return pid


def ended(pids):
    """The statuses of these processes."""
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def test_a_full_disk_leaves_what_was_there(indexes, folder):
    indexes.learn(HERE, [answer("web")])

    def learn():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        try:
            indexes.learn(HERE, [answer("api")])
        except LocalFault:
            return 7
        return 0

    assert ended([forked(learn)]) == [7]
    assert indexes.read(HERE.name).names() == ["web"]
    assert sorted(each.name for each in scope_folder(folder).iterdir() if each.name != ".lock") == [
        *("index", "names", "words"),
    ]


@pytest.mark.parametrize("processes", [30, pytest.param(200, marks=pytest.mark.long)])
def test_many_processes_lose_nothing_and_see_no_torn_file(indexes, folder, processes):
    """Each adds a node of its own, to one of two scopes, and reads both all the time."""
    scopes = [HERE, Scope("123456789012", "eu-west-1", "preprod")]
    for scope in scopes:
        indexes.learn(scope, [answer("first")])

    def work(number):
        scope = scopes[number % 2]
        name = f"node-{number:04d}"
        found = Nodes(200.0 + number, [node(1000 + number, name)], names=[name])
        indexes.learn(scope, [found])
        indexes.point(f"{scope.profile},,", scope)
        for each in scopes:
            known = indexes.read(each.name)
            names = pointed.lines(str(folder / "scopes" / each.name), pointed.NAMES)
            if known is None or known.scope != each or "first" not in names or names != sorted(names):
                return 3
            if each == scope and (name not in known.names() or name not in names):
                return 4
            if pointed.scope_of(environ(folder, AWS_PROFILE=scope.profile)) != str(folder / "scopes" / scope.name):
                return 5
        return 0

    assert set(ended([forked(lambda number=number: work(number)) for number in range(processes)])) == {0}
    for at, scope in enumerate(scopes):
        mine = {f"node-{number:04d}" for number in range(processes) if number % 2 == at}
        assert set(indexes.read(scope.name).names()) == {"first", *mine}
    assert indexes.read(HERE.name).listed == {NODES: 100.0}
    drafts = [each for each in folder.rglob(".*") if each.name != ".lock"]
    assert drafts == []


def test_everything_can_be_forgotten_while_others_learn(indexes, folder):
    def learn(number):
        for at in range(100):
            with suppress(LocalFault):
                indexes.learn(Scope(HERE.account, HERE.region, f"p{number}"), [answer("web", at=float(at))])
        return 0

    def forget():
        for _ in range(100):
            indexes.clear()
        return 0

    assert set(ended([forked(forget), *(forked(lambda number=number: learn(number)) for number in range(4))])) == {
        0
    }
    (folder / ".scopes.0a0a0a0a").mkdir(parents=True)
    indexes.clear()
    assert [*folder.iterdir()] == []


def test_everything_can_be_forgotten(indexes, folder):
    indexes.learn(HERE, [answer("web")])
    indexes.point("prod,,", HERE)
    assert indexes.clear() == 1
    assert [each for each in folder.rglob("*") if each.is_file()] == []
    assert indexes.clear() == 0
    assert isinstance(indexes.learn(HERE, [answer("web")]), Index)
