"""What a team's file says, and how what it says wrongly is told."""

import pytest

from ssmx.errors import ConfigError
from ssmx.model.config import TUNNEL
from ssmx.model.settings import Value
from ssmx.model.team import Declared, parse
from ssmx.model.team_values import KINDS

GOOD = """\
profile = "dev"

[tunnels.db]
kind = "rds"
endpoint = "payments-prod"
iam_user = "ravi"
client = "psql -c 'select 1'"
port = 15432
region = "us-east-1"
lanes = 4
idle_minutes = 2

[tunnels.web]
kind = "forward"
target = "Role=api,Env=prod"
remote = 8080
profile = "prod"
endpoint_url = "http://127.0.0.1:5000"
reason = "the daily look"

[tunnels."old.crm"]
kind = "host"
endpoint = "crm.corp.internal:3306"
jump = "bastion-prod"
client = ["mysqldump", "-h", "{host}", "a b"]
credential_process = "/opt/sign-in --for crm"

[tunnels.any]
kind = "db"
endpoint = "elasticache/sessions"
reader = true
port = 0
"""


def test_a_file_says_its_tunnels_in_order_and_where_each_value_stands():
    dev = Value("dev", "f:1")
    db, web, crm, sessions = parse(GOOD, "f").tunnels
    assert db == Declared(
        *("db", "rds", "payments-prod", 3),
        profile=dev,
        region=Value("us-east-1", "f:9"),
        port=15432,
        lanes=4,
        idle_minutes=2.0,
        iam_user="ravi",
        client=("psql", "-c", "select 1"),
    )
    assert web == Declared(
        *("web", "forward", "Role=api,Env=prod", 13),
        remote=8080,
        profile=Value("prod", "f:17"),
        reason="the daily look",
        endpoint_url="http://127.0.0.1:5000",
    )
    assert crm == Declared(
        *("old.crm", "host", "crm.corp.internal:3306", 21),
        profile=dev,
        jump="bastion-prod",
        client=("mysqldump", "-h", "{host}", "a b"),
        credential_process="/opt/sign-in --for crm",
    )
    assert sessions == Declared("any", "db", "elasticache/sessions", 28, profile=dev, reader=True)


def test_what_is_not_said_is_empty():
    (tunnel,) = parse('tunnels.a = { kind = "eks", endpoint = "platform" }', "f").tunnels
    assert (tunnel.profile.value, tunnel.region.value, tunnel.client) == ("", "", ())
    assert (tunnel.port, tunnel.lanes, tunnel.idle_minutes) == (0, 1, 5.0)


def test_what_needs_trust_is_listed_with_its_line():
    assert [(each.line, each.name, each.what) for each in parse(GOOD, "f").guards(TUNNEL)] == [
        (7, "db", "names a program, `psql -c 'select 1'` (client)"),
        (18, "web", "asks http://127.0.0.1:5000 in place of AWS (endpoint_url)"),
        (22, "old.crm", 'leads to a host of its own, crm.corp.internal:3306 (kind = "host")'),
        (25, "old.crm", "names a program, `mysqldump -h '{host}' 'a b'` (client)"),
        (26, "old.crm", "names a program, `/opt/sign-in --for crm` (credential_process)"),
    ]


def test_names_profiles_and_ports_need_no_trust():
    text = '[tunnels.a]\nkind = "forward"\ntarget = "web"\nremote = 80\nport = 8080\nprofile = "p"\nregion = "r"'
    assert parse(text, "f").guarded == ()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[tunnels]\n", 'profile = "dev"\n'])
def test_a_file_without_tunnels_has_none(text):
    assert parse(text, "f").tunnels == ()


@pytest.mark.parametrize("kind", [each for each in KINDS if each not in ("forward", "host")])
def test_every_service_is_a_kind(kind):
    (tunnel,) = parse(f'[tunnels.a]\nkind = "{kind}"\nendpoint = "x"\npart = "y"\njump = "i-0123abcd"', "f").tunnels
    assert (tunnel.kind, tunnel.to, tunnel.part, tunnel.jump) == (kind, "x", "y", "i-0123abcd")


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        (
            '\nprofil = "x"',
            "2: unknown key 'profil'; did you mean 'profile'?",
            "known are profile, region, ",
        ),
        ("\n[tunnel.a]\n", "2: unknown key 'tunnel'; did you mean 'tunnels'?", "known are"),
        ("zzz = 1", "1: unknown key 'zzz'", "known are"),
        ("profile = 5", "1: profile is text, not 5", "the AWS profile"),
        ('region = "evil.example/"', "1: region: 'evil.example/' is no region", "eu-west-1"),
        ("tunnels = 5", "1: tunnels is no table", "[tunnels.NAME]"),
        ("[[tunnels]]", "1: tunnels is no table", "[tunnels.NAME]"),
        ("[tunnels]\n\na = 5", "3: a is no table", "[tunnels.a]"),
        ('\n[tunnels."a b"]', "2: 'a b' is no name of a tunnel", "letters"),
        ("[tunnels.-a]", "1: '-a' is no name", "letters"),
        ('[tunnels."a\\n"]', "1: 'a\\n' is no name", "letters"),
        ("[tunnels.a\n", "1: Expected", "write [tunnels.NAME]"),
        ("[tunnels.a]\n", "1: tunnel a has no kind", "forward, db, rds"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(text, said, hint):
    _assert_said(text, said, hint)


RDS = 'kind = "rds"\nendpoint = "x"\n'
HOST = 'kind = "host"\nendpoint = "db.corp:5432"\njump = "web"\n'
FORWARD = 'kind = "forward"\ntarget = "web"\nremote = 80\n'


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        (RDS + "prot = 5", "4: unknown key 'prot' in tunnel a; did you mean 'port'?", "known are kind, target"),
        (RDS + 'via = "web"', "4: unknown key 'via' in tunnel a; did you mean 'jump'?", "known are"),
        (RDS + 'bind = "0.0.0.0"', "4: unknown key 'bind' in tunnel a", "known are"),
        ('kind = "rdss"', "2: kind: no service 'rdss'; did you mean 'rds'?", "forward, db, rds"),
        ('kind = "postgres"', "2: kind: no service 'postgres'; did you mean 'rds'?", "forward, db, rds"),
        ('kind = "foward"', "2: kind: no kind 'foward'; did you mean 'forward'?", "forward, db, rds"),
        ("kind = 5", "2: kind: it is text, not 5", "quotes"),
        ('kind = ""', "2: kind: it is empty", "leave"),
        ('kind = "rds"', "1: tunnel a has no endpoint", "takes kind, endpoint, profile"),
        ('kind = "forward"\nremote = 80', "1: tunnel a has no target", "takes kind, target, remote"),
        ('kind = "forward"\ntarget = "web"', "1: tunnel a has no remote", "takes kind, target, remote"),
        ('kind = "host"\nendpoint = "db.corp:5432"', "1: tunnel a has no jump", "takes kind, endpoint"),
        (RDS + 'target = "web"', "4: target is not for a tunnel of kind rds", "takes kind, endpoint"),
        (RDS + "remote = 5432", "4: remote is not for a tunnel of kind rds", "takes"),
        (FORWARD + 'endpoint = "x"', "5: endpoint is not for a tunnel of kind forward", "takes"),
        (FORWARD + 'jump = "x"', "5: jump is not for a tunnel of kind forward", "takes"),
        (HOST + "reader = true", "5: reader is not for a tunnel of kind host", "takes"),
        (HOST + 'part = "x"', "5: part is not for a tunnel of kind host", "takes"),
        ('kind = "eks"\nendpoint = "x"\niam_user = "u"', "4: iam_user is not for a tunnel of kind eks", "takes"),
        (RDS + 'user = "a"\niam_user = "b"', "5: user and iam_user at once", "one of the two"),
        (RDS + 'reader = true\npart = "b"', "5: reader and part at once", "one of the two"),
        (RDS + "port = 70000", "4: port: it is a number from 0 to 65535, not 70000", ""),
        (RDS + "port = true", "4: port: it is a number from 0 to 65535, not True", ""),
        (RDS + 'port = "5432"', "4: port: it is a number from 0 to 65535, not '5432'", "quotes"),
        ('kind = "forward"\ntarget = "web"\nremote = 0', "4: remote: it is a number from 1 to 65535, not 0", ""),
        (RDS + "lanes = 9", "4: lanes: it is a number from 1 to 8, not 9", ""),
        (RDS + "lanes = 1.5", "4: lanes: it is a number from 1 to 8, not 1.5", ""),
        (RDS + "idle_minutes = 0", "4: idle_minutes: it is a number of minutes, more than 0, not 0", "2.5"),
        (RDS + "idle_minutes = inf", "4: idle_minutes: it is a number of minutes", "2.5"),
        (RDS + "idle_minutes = nan", "4: idle_minutes: it is a number of minutes", "2.5"),
        (RDS + 'reader = "yes"', "4: reader: it is true or false, not 'yes'", "quotes"),
        (RDS + 'user = " "', "4: user: it is empty", "leave"),
        (RDS + 'user = "a\\u001b[31m"', "4: user: 'a\\x1b[31m' holds characters", "one line"),
        (RDS + f'reason = "{"x" * 257}"', "4: reason: it has 257 characters", "256"),
        (RDS + 'region = "EU"', "4: region: 'EU' is no region", "eu-west-1"),
        (RDS + 'jump = "Role=a,Role=b"', "4: jump: Role= is given twice", "one value"),
        ('kind = "forward"\ntarget = "asg/"\nremote = 1', "3: target: asg/ without a name", "asg/NAME"),
        ('kind = "host"\nendpoint = "db.corp"', "3: endpoint: 'db.corp' is not HOST:PORT", "10.0.8.15:5432"),
        ('kind = "host"\nendpoint = "127.9.9.9:22"', "3: endpoint: agents do not forward to 127.9.9.9", ""),
        ('kind = "host"\nendpoint = "$(id):22"', "3: endpoint: '$(id)' is no host", ""),
        ('kind = "db"\nendpoint = "rdss/x"', "3: endpoint: no service 'rdss'; did you mean 'rds'?", ""),
        ('kind = "db"\nendpoint = "rds/"', "3: endpoint: 'rds/' names no database", ""),
        (RDS + 'client = "psql -c \'x"', '4: client: "psql -c \'x" is no command: No closing quotation', '["psql"'),
        (RDS + 'client = ""', "4: client: it is empty", ""),
        (RDS + "client = []", "4: client: it is empty", ""),
        (RDS + 'client = ["", "x"]', "4: client: it is empty", ""),
        (RDS + 'client = ["psql", 5]', "4: client: it is a command, not ['psql', 5]", "psql -X"),
        (RDS + 'client = ["psql", "\\u0000"]', "4: client: it holds a NUL", ""),
        (RDS + 'endpoint_url = "evil.example"', "4: endpoint_url: 'evil.example' is no URL", "https://"),
        (RDS + 'endpoint_url = "file:///etc"', "4: endpoint_url: 'file:///etc' is no URL", "https://"),
        (RDS + 'endpoint_url = "http://x:99999"', "4: endpoint_url: 'http://x:99999' is no URL", "https://"),
        (RDS + "credential_process = 5", "4: credential_process: it is text, not 5", "quotes"),
    ],
)
def test_what_is_wrong_with_a_tunnel_is_said_with_its_line(text, said, hint):
    _assert_said(f"[tunnels.a]\n{text}\n", said, hint)


def test_two_tunnels_cannot_have_one_port():
    text = f"[tunnels.a]\n{RDS}port = 5000\n[tunnels.b]\n{HOST}port = 5000\n"
    _assert_said(text, "9: port 5000 is that of tunnel a, too (line 4)", "each its own")


def test_the_line_is_right_though_another_table_has_the_same_key():
    text = f'[tunnels.a]\n{RDS}client = """\nport = 70000\n"""\n[tunnels.b]\n{RDS}port = 70000 # port = 1\n'
    _assert_said(text, "10: port:", "")


def _assert_said(text, said, hint):
    with pytest.raises(ConfigError) as raised:
        parse(text, "dir/ssmx.toml")
    assert raised.value.message.startswith(f"dir/ssmx.toml:{said}")
    assert hint in raised.value.hint
    assert raised.value.hint
