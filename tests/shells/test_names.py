"""Names from the index, completed by the shells themselves."""

import os
import sys
import time

import pytest

from ssmx.store import pointed
from tests.conftest import ROOT
from tests.shells.conftest import as_root

LEFT = "\x02"
# What is typed, and the only name that begins so.
NAMES = {
    "paym": "payments-api",
    "my": "my name",
    "it": "it's",
    "a:b": "a:b:c",
    "doll": "dollar$x",
    "bac": "back\\slash",
    "tic": "tick`x",
    "sta": "star*",
    "ün": "ünï",
    "q": 'q"uote',
    "per%": "per%cent",
    "amp": "amp&x;y",
}


def test_a_name_arrives_as_it_is(index, terminal):
    index.write("here", names=NAMES.values())
    index.point("here")
    user = terminal()
    for typed, name in NAMES.items():
        assert user.tab(f"shell {typed}") == ["shell", name]
    assert user.tab("tunnel rds x --via paym") == ["tunnel", "rds", "x", "--via", "payments-api"]
    assert user.recorded("asked") == []  # no Python for any of them
    assert user.recorded("refreshed") == []


def test_a_name_goes_on_in_an_open_quote(index, terminal):
    index.write("here", names=NAMES.values())
    index.point("here")
    user = terminal()
    assert user.tab("shell 'my n") == ["shell", "my name"]
    assert user.tab("shell 'doll") == ["shell", "dollar$x"]
    assert user.tab('shell "doll') == ["shell", "dollar$x"]
    assert user.tab("shell my\\ n") == ["shell", "my name"]


def test_what_else_names_a_node(index, terminal):
    index.write("here", names=["web"], words=["Role=api dev", "Env=prod", "i-0123", "asg/web"])
    index.point("here")
    user = terminal()
    assert user.tab("shell Role=a") == ["shell", "Role=api dev"]
    assert user.tab("shell Ro") == ["shell", "Role=api dev"]
    assert user.tab("shell i-0") == ["shell", "i-0123"]
    assert user.tab("shell asg/") == ["shell", "asg/web"]
    assert user.tab("shell w") == ["shell", "web"]


def test_the_line_and_the_environment_say_which_account(index, terminal):
    index.write("here", names=["x-here"])
    index.write("there", names=["x-there"])
    index.write("far", names=["x-far"])
    index.point("here", profile="prod")
    index.point("there", profile="stage/a,b%c")
    index.point("far", profile="prod", region="eu-west-1", sandbox=True)
    user = terminal(AWS_PROFILE="prod")
    assert user.tab("shell x") == ["shell", "x-here"]
    assert user.tab("-p other shell -p stage/a,b%c x")[-1] == "x-there"
    assert user.tab("shell --profile=stage/a,b%c x")[-1] == "x-there"
    assert user.tab("shell -pstage/a,b%c x")[-1] == "x-there"
    assert user.tab("--sandbox -r eu-west-1 shell x")[-1] == "x-far"
    assert user.tab("-p none shell x")[-1] == "x"


def test_all_that_decides_is_in_the_name(index, terminal, tmp_path):
    environ = {
        "SSMX_PROFILE": "100%",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "SSMX_SANDBOX": "Yes",
        "AWS_ENDPOINT_URL": "http://a/b,c",
        "AWS_ENDPOINT_URL_EC2": "http://b",
        "AWS_ROLE_ARN": "arn:role/prod",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/a",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://c",
        "AWS_CONFIG_FILE": "/none/my config",
        "AWS_SHARED_CREDENTIALS_FILE": "/none/keys",
    }
    (tmp_path / "ssmx.toml").touch()
    (tmp_path / "sub" / "folder").mkdir(parents=True)
    time.sleep(0.01)
    index.write("here", names=["payments-api"])
    index.point("here", environ, project=str(tmp_path / "ssmx.toml"))
    user = terminal(**environ)
    assert user.tab("shell paym") == ["shell", "payments-api"]
    user.does("cd sub/folder")
    assert user.tab("shell paym") == ["shell", "payments-api"]


def test_keys_go_before_a_profile_but_one_that_is_asked_for(index, terminal):
    index.write("keys", names=["x-keys"])
    index.write("prod", names=["x-prod"])
    environ = {"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}
    index.point("keys", environ)
    index.point("prod", environ, profile="prod")
    user = terminal(**environ)
    assert user.tab("shell x") == ["shell", "x-keys"]
    assert user.tab("-p prod shell x")[-1] == "x-prod"
    user.does("export SSMX_PROFILE=prod")
    assert user.tab("shell x") == ["shell", "x-prod"]


def test_options_behind_the_cursor_and_variables_before_the_command_say_which_account(index, terminal, shell):
    index.write("here", names=["x-here"])
    index.write("prod", names=["x-prod"])
    index.write("far", names=["x-far"])
    index.point("here")
    index.point("prod", profile="prod")
    index.point("far", profile="prod", region="eu-west-1", sandbox=True)
    user = terminal()

    def completes(typed, behind=""):
        (user.records / "argv").unlink(missing_ok=True)
        user.child.send(f"{typed}{behind}{LEFT * len(behind)}\t\x05\r")
        user.child.expect(r"ran: \d+\r?\n")
        return (user.records / "argv").read_text().split("\0")[1]

    if shell != "fish":  # which tells nobody what is behind the cursor
        assert completes("ssmx shell x", " -p prod") == "x-prod"
        assert completes("ssmx shell x", " --profile=prod -r eu-west-1 --sandbox") == "x-far"
        assert completes("ssmx shell x", " -vpprod") == "x-prod"
        assert completes("ssmx shell x", " -- -p prod") == "x-here"
        assert completes("ssmx shell 'x", "' -p prod") == "x-prod"
    assert completes("ssmx shell x") == "x-here"
    if shell != "bash":  # which tells nobody what is before the command
        assert completes("AWS_PROFILE=prod ssmx shell x") == "x-prod"
        assert completes("A=b SSMX_PROFILE='prod' ssmx shell x") == "x-prod"
        assert completes("AWS_PROFILE=prod true; ssmx shell x") == "x-here"


def test_a_pointer_that_is_not_newer_than_what_decides_is_none(index, terminal, tmp_path):
    index.write("here", names=["payments-api"])
    index.point("here")
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    config.write_text("[default]\n")
    os.utime(config, (time.time() + 60, time.time() + 60))
    user = terminal()
    assert user.tab("shell paym") == ["shell", "paym"]
    os.utime(config, (time.time() - 60, time.time() - 60))
    assert user.tab("shell paym") == ["shell", "payments-api"]


def test_a_link_to_a_config_decides_by_when_it_was_made(index, terminal, tmp_path):
    (tmp_path / ".aws").mkdir()
    for name in ("prod", "stage"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    for name in ("config", "credentials"):
        link = tmp_path / ".aws" / name
        link.symlink_to(tmp_path / "prod")
        time.sleep(0.02)
        index.write("here", names=["payments-api"])
        index.point("here")
        user = terminal()
        assert user.tab("shell paym") == ["shell", "payments-api"]
        time.sleep(0.02)
        link.unlink()
        link.symlink_to(tmp_path / "stage")
        assert user.tab("shell paym") == ["shell", "paym"]
        assert pointed.scope_of({"HOME": str(tmp_path), "PWD": str(tmp_path)}) == ""
        link.unlink()


def test_a_relative_folder_of_caches_is_none(index, terminal, tmp_path):
    index.write("here", names=["payments-api"])
    index.point("here")
    environ = {"XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "~/config"}
    assert terminal(**environ).tab("shell paym") == ["shell", "payments-api"]
    assert pointed.index_folder({**environ, "HOME": str(tmp_path)}) == str(index.folder)
    assert pointed.config_file({**environ, "HOME": "/h"}) == pointed.config_file({"HOME": "/h"})
    assert pointed.index_folder(environ) == pointed.config_file(environ) == ""


def test_a_config_that_a_variable_names_by_a_tilde_decides_as_well(index, terminal, tmp_path):
    environ = {"AWS_CONFIG_FILE": "~/work config", "AWS_SHARED_CREDENTIALS_FILE": "~/keys"}
    index.write("here", names=["payments-api"])
    index.point("here", environ)
    user = terminal(**environ)
    assert user.tab("shell paym") == ["shell", "payments-api"]
    for name in ("work config", "keys"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() + 60, time.time() + 60))
        assert user.tab("shell paym") == ["shell", "paym"]
        assert pointed.scope_of({**environ, "HOME": str(tmp_path), "PWD": "/"}) == ""
        (tmp_path / name).unlink()


def test_a_list_that_is_broken_or_of_somebody_else_is_none(index, terminal, tmp_path):
    index.write("here", names=["payments-api", "web"])
    index.point("here")
    names = index.folder / "scopes" / "here" / "names"
    whole = names.read_text()
    user = terminal()
    for broken in (
        "",
        "\0\n\n",
        "ssmx 1\npayments-api\nweb\n",
        whole[:-1],
        whole[:-4],
        f"{whole}x\n",
        "ssmx 2" + whole[6:],
    ):
        names.write_text(broken)
        assert user.tab("shell paym") == ["shell", "paym"], broken
    names.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text(whole)
    names.symlink_to(tmp_path / "elsewhere")
    assert user.tab("shell paym") == ["shell", "paym"]
    names.unlink()
    names.write_text(whole)
    if as_root():
        os.chown(names, 65534, -1)
        assert user.tab("shell paym") == ["shell", "paym"]
        os.chown(names, 0, -1)
    assert user.tab("shell paym") == ["shell", "payments-api"]


# Enough that a shell looks only into a part of the list, of one byte a letter and of more, short and long.
LARGE = [f"{kind}-{number:04}{'ü' * (number % 120)}" for kind in ("api", "öl", "web") for number in range(500)]


def test_a_name_among_many_arrives_as_it_is(index, terminal):
    index.write("here", names=[*LARGE, "a", "star*", "star*-2", "z" * 255, "語" * 85])
    index.point("here")
    user = terminal()
    for name in (LARGE[0], LARGE[119], LARGE[619], LARGE[-1]):
        assert user.tab(f"shell {name[: name.index('-') + 5]}") == ["shell", name]
    for typed, name in {"z": "z" * 255, "語": "語" * 85, "star\\*-": "star*-2"}.items():
        assert user.tab(f"shell {typed}") == ["shell", name]
    assert user.tab("shell we") == ["shell", "web-0"]  # 500 of them
    assert user.tab("shell zzzy") == ["shell", "zzzy"]


def test_a_large_list_that_is_broken_is_none(index, terminal):
    index.write("here", names=LARGE)
    index.point("here")
    names = index.folder / "scopes" / "here" / "names"
    whole = names.read_bytes()
    user = terminal()
    for broken in (whole[:-1], b"ssmx 2" + whole[6:], b"x" * 70_000, bytes(range(1, 256)) * 300):
        names.write_bytes(broken)
        assert user.tab("shell web-0000") == ["shell", "web-0000"]
    # What claims to be a list: no error is shown, and no name is made up.
    for rubbish in (bytes(range(256)) * 300, b"\xff" * 70_000 + b"\n"):
        names.write_bytes(whole.partition(b"\n")[0] + b"\n" + rubbish)
        assert user.tab("shell web-0000") == ["shell", "web-0000"]
    names.write_bytes(whole)
    assert user.tab("shell web-0001") == ["shell", LARGE[1001]]


def test_a_stale_index_starts_one_refresh(index, terminal):
    index.write("here", names=["payments-api"], stale=int(time.time()) - 1)
    index.point("here", profile="prod", region="eu-west-1")
    user = terminal()
    for _ in range(3):
        assert user.tab("-p prod shell -r eu-west-1 paym")[-1] == "payments-api"
    assert user.comes("refreshed") == ["__refresh -p prod -r eu-west-1"]


def test_without_an_index_one_is_begun(terminal):
    user = terminal()
    assert user.tab("shell paym") == ["shell", "paym"]
    assert user.comes("refreshed") == ["__refresh"]


def test_endpoints_and_documents_come_from_the_index_too(index, terminal):
    index.write("here", endpoints=["rds/orders", "eks/platform", "elasticache/sessions"], documents=["Team-Shell"])
    index.point("here")
    user = terminal()
    assert user.tab("tunnel rds ord") == ["tunnel", "rds", "orders"]
    assert user.tab("tunnel elasticache/") == ["tunnel", "elasticache/sessions"]
    assert user.tab("tunnel redshift-") == ["tunnel", "redshift-serverless"]
    assert user.tab("db s") == ["db", "sessions"]
    assert user.tab("db rds/o") == ["db", "rds/orders"]
    assert user.tab("why web plat") == ["why", "web", "platform"]
    assert user.tab("eks-token p") == ["eks-token", "platform"]
    assert user.tab("shell web --document Te") == ["shell", "web", "--document", "Team-Shell"]
    assert user.recorded("asked") == []


def test_what_python_knows(index, terminal, tmp_path):
    index.write("here", names=["web"])
    index.point("here", project=str(tmp_path / "ssmx.toml"))
    (tmp_path / "ssmx.toml").write_text('[targets.box]\nname = "web"\n[aliases]\npayday = "shell web"\n')
    time.sleep(0.01)
    index.point("here", project=str(tmp_path / "ssmx.toml"))
    user = terminal()
    assert user.tab("shell bo") == ["shell", "box"]
    assert user.tab("payd") == ["payday"]
    assert user.tab("-p st") == ["-p", "stage"]
    assert user.tab("ps --profile=st") == ["ps", "--profile=stage"]
    assert user.tab("stop tun") == ["stop", "tunnel-1"]
    assert user.tab("shell web%st") == ["shell", "web%stage"]
    assert user.tab("shell web%stage/eu-no") == ["shell", "web%stage/eu-north-1"]
    assert user.tab("-r eu-no") == ["-r", "eu-north-1"]


def test_python_is_asked_without_what_pip_writes_into_its_script(terminal, tmp_path):
    user = terminal()
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[profile stage]\n")
    (tmp_path / "ssmx").mkdir()
    (tmp_path / "ssmx" / "__init__.py").write_text("raise SystemExit('what lies here is not to be imported')")
    (tmp_path / "bin" / "ssmx").write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        "assert sys.argv[1] != '__complete'\n"
        "with open(os.environ['RECORDS'] + '/argv', 'w') as file:\n"
        "    file.write(''.join(f'{each}\\0' for each in sys.argv[1:]))\n"
        "print('ran:', len(sys.argv))\n"
    )
    assert user.tab("-p st") == ["-p", "stage"]


SETTINGS = {
    "bash": "set -eu; unset HOME",
    "zsh": "unset HOME; setopt ksh_arrays sh_word_split nounset no_nomatch",
    "fish": "set -e HOME",
}


def test_whatever_is_set_or_missing_nothing_is_said(shell, index, terminal, tmp_path):
    index.write("here", names=["payments-api"])
    index.point("here")
    user = terminal(XDG_CACHE_HOME=str(tmp_path / ".cache"))
    user.does(SETTINGS[shell])
    assert user.tab("shell paym") == ["shell", "payments-api"]
    assert user.tab("she") == ["shell"]
    assert user.tab("shell nothing") == ["shell", "nothing"]


def test_zsh_completes_at_the_first_tab_where_it_loads_the_script_itself(index, terminal, shell, tmp_path):
    if shell != "zsh":
        pytest.skip("the others load it before")
    index.write("here", names=["payments-api"])
    index.point("here")
    (tmp_path / "_ssmx").write_text((ROOT / "completions" / "ssmx.zsh").read_text())
    user = terminal()
    user.does("unfunction -m '_ssmx*'; fpath=($HOME $fpath); compinit -D -u")
    assert user.tab("shell paym") == ["shell", "payments-api"]


def test_commands_options_and_choices(terminal):
    user = terminal()
    assert user.tab("sessions en") == ["sessions", "end"]
    assert user.tab("shell --docu") == ["shell", "--document"]
    assert user.tab("completion show fi") == ["completion", "show", "fish"]
    assert user.tab("-p x ls -o js") == ["-p", "x", "ls", "-o", "json"]


def test_behind_two_hyphens_come_files(terminal, tmp_path):
    (tmp_path / "paper.txt").touch()
    assert terminal().tab("run web -- pap") == ["run", "web", "--", "paper.txt"]


@pytest.mark.parametrize("missing", ["at", "scopes"])
def test_an_index_of_which_half_is_gone_is_none(missing, index, terminal):
    index.write("here", names=["payments-api"])
    index.point("here")
    (index.folder / missing).rename(index.folder / "gone")
    assert terminal().tab("shell paym") == ["shell", "paym"]
