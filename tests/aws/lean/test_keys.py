"""Either the keys, the region and the URLs that botocore finds, or none: never others."""

import configparser
import itertools
import os
from unittest import mock

import botocore.exceptions
import botocore.session
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ssmx.aws import stock
from ssmx.aws.clients import Clients
from ssmx.aws.hot import hot
from ssmx.aws.lean import files, keys, place
from ssmx.model.settings import Value

ENV = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secret/env"}
STATIC = "aws_access_key_id = AKID{0}\naws_secret_access_key = secret/{0}\n"

# Pieces of a profile, in either file.
PIECES = [
    STATIC.format("ONE"),
    STATIC.format("TWO") + "aws_session_token = token+two==\n",
    "aws_access_key_id = AKIDHALF\n",
    "aws_secret_access_key = secret/half\n",
    "aws_session_token = token+alone\n",
    "aws_security_token = token+old\n",
    "AWS_ACCESS_KEY_ID = AKIDBIG\nAws_Secret_Access_Key = secret/big\n",
    "aws_access_key_id = AKIDODD # mine\naws_secret_access_key = secret/odd\n",
    "aws_access_key_id: AKIDCOLON\naws_secret_access_key: secret/colon\n",
    "aws_access_key_id = AKIDTWICE\naws_access_key_id = AKIDTHRICE\naws_secret_access_key = s\n",
    "aws_access_key_id =\n  AKIDBELOW\naws_secret_access_key = s\n",
    "aws_access_key_id = AKIDLONG\n  ER\naws_secret_access_key = s\n",
    "region = eu-central-1\n",
    "region = us-west-2\nmax_attempts = 3\n",
    "max_attempts = 0\n",
    "role_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = default\n",
    "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n",
    "sso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n",
    "credential_process = /bin/false\n",
    "web_identity_token_file = /nowhere\nrole_arn = arn:aws:iam::123456789012:role/ops\n",
    "login_session = arn:aws:iam::123456789012:user/ravi\n",
    "mfa_serial = arn:aws:iam::123456789012:mfa/ravi\n",
    "endpoint_url = http://127.0.0.1:4566\n",
    "services = local\n",
    "ignore_configured_endpoint_urls = true\n",
    "use_fips_endpoint = true\n",
    "use_dualstack_endpoint = true\n",
    "ca_bundle = /etc/ssl/ca.pem\n",
    "output = json\ncli_pager =\n",
    "output = json\n\n# a comment\n; another\n",
    "s3 =\n  max_concurrent_requests = 10\n",
    "nonsense = 1\n",
    " indented = 1\n",
    "no value\n",
]
TITLES = [
    "default",
    "profile default",
    "profile one",
    "profile two",
    'profile "one"',
    "one",
    "profile  one",
    "DEFAULT",
]
OTHERS = ["[services local]\nec2 =\n  endpoint_url = http://127.0.0.1:9\n", "[sso-session corp]\nsso_region = x\n"]
VARIABLES = {
    "AWS_ACCESS_KEY_ID": ["AKIDENV", "", "AKID ENV"],
    "AWS_SECRET_ACCESS_KEY": ["secret/env", ""],
    "AWS_SESSION_TOKEN": ["token/env", ""],
    "AWS_SECURITY_TOKEN": ["token/older"],
    "AWS_CREDENTIAL_EXPIRATION": ["2099-01-01T00:00:00Z"],
    "AWS_PROFILE": ["one", "two", "", "none"],
    "AWS_DEFAULT_PROFILE": ["one", "two", ""],
    "AWS_DEFAULT_REGION": ["us-east-1", "eu-isoe-west-1", ""],
    "AWS_ENDPOINT_URL": ["http://127.0.0.1:1", "http://127.0.0.1:65536", "http://h/path", ""],
    "AWS_ENDPOINT_URL_SSM": ["https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com"],
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ["true"],
    "AWS_USE_FIPS_ENDPOINT": ["true"],
    "AWS_USE_DUALSTACK_ENDPOINT": ["true"],
    "AWS_ROLE_ARN": ["arn:aws:iam::123456789012:role/ops"],
    "AWS_WEB_IDENTITY_TOKEN_FILE": ["/nowhere"],
    "AWS_MAX_ATTEMPTS": ["2", "0", "many"],
}


def file_of(parts):
    return "".join(f"[{title}]\n{''.join(pieces)}" for title, pieces in parts)


PARTS = st.lists(st.tuples(st.sampled_from(TITLES), st.lists(st.sampled_from(PIECES), max_size=3)), max_size=3)
FILES = st.tuples(PARTS.map(file_of), st.lists(st.sampled_from(OTHERS), max_size=1).map("".join)).map("".join)
ENVIRONS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VARIABLES.items()})


@pytest.fixture
def home(tmp_path):
    return tmp_path


def surroundings(home, config, credentials, environ):
    (home / "config").write_text(config)
    (home / "credentials").write_text(credentials)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept = {name: value for name, value in kept.items() if not name.lower().endswith(("_proxy", "_bundle"))}
    own = {"AWS_CONFIG_FILE": str(home / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials")}
    return {**kept, **own, "AWS_EC2_METADATA_DISABLED": "true", **environ}


def agree(home, config, credentials, environ, profile=""):
    """What lean has settled, having compared it with botocore; None where it has not."""
    whole = surroundings(home, config, credentials, environ)
    with mock.patch.dict(os.environ, whole, clear=True):
        found = keys.settled(os.environ, profile=profile)
        if found is None:
            return None
        session = stock.new_session(
            Value(profile, "--profile"), explicit=bool(profile), credential_process="", ask_secret=str
        )
        theirs = session.get_credentials()
        assert theirs is not None
        frozen = theirs.get_frozen_credentials()
        assert type(theirs).__name__ == "Credentials"  # none that is renewed
        assert (found.keys.access_key, found.keys.secret_key, found.keys.token) == frozen[:3]
        assert found.region == session.get_scoped_config().get("region", "")
        assert found.names == set(session.available_profiles)
        assert found.attempts == int(session.get_config_variable("max_attempts") or 5)
        assert found.ca_bundle == (session.get_config_variable("ca_bundle") or "")
        region = os.environ.get("AWS_DEFAULT_REGION") or found.region or "eu-west-1"
        for service in ("ssm", "ec2"):
            url = place.url_of(service, region, found.urls)
            if url is not None and (found.urls or "AWS_DEFAULT_REGION" in environ):  # it takes long
                client = session.create_client(service, region_name=region)
                assert url == client.meta.endpoint_url
    return found


@given(FILES, FILES, ENVIRONS, st.sampled_from(["", "", "one", "two", "default"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("[default]\n" + PIECES[0], "[default]\n" + PIECES[1], {}, "")
@example("[profile one]\nregion = eu-west-1\n", "[one]\n" + PIECES[0], ENV, "one")
@example("", "", {**ENV, "AWS_PROFILE": "one"}, "")
def test_what_is_settled_is_botocores(home, config, credentials, environ, profile):
    agree(home, config, credentials, environ, profile)


@pytest.mark.parametrize(
    ("config", "credentials"), list(itertools.product([None, *PIECES], [None, STATIC.format("FILE"), *PIECES[2:6]]))
)
def test_each_piece_in_the_config_beside_the_commonest_credentials(home, config, credentials):
    """The same piece by piece, for the default profile and for one that is named, in both ways to name it."""
    for title, section, environ, profile in (
        ("default", "default", {}, ""),
        ("profile one", "one", {}, "one"),
        ("profile one", "one", {"AWS_PROFILE": "one"}, ""),
        ("profile one", "one", {**ENV, "AWS_PROFILE": "one"}, ""),
    ):
        own = "" if config is None else f"[{title}]\n{config}"
        agree(home, own, "" if credentials is None else f"[{section}]\n{credentials}", environ, profile)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_each_variable(home, name):
    for value, config in itertools.product(
        VARIABLES[name], ("", f"[profile one]\n{PIECES[0]}[profile two]\n{PIECES[1]}")
    ):
        for base in (ENV, {}):
            agree(home, config, f"[default]\n{PIECES[0]}", {**base, name: value})


def test_the_plain_cases_are_settled(home):
    default = f"[default]\n{PIECES[0]}"
    assert agree(home, "", "", ENV).keys.access_key == "AKIDENV"
    assert agree(home, "[default]\nregion = eu-west-1\n", default, {}).region == "eu-west-1"
    assert agree(home, f"[profile one]\n{PIECES[0]}", default, {"AWS_PROFILE": "one"}).keys.access_key == "AKIDONE"
    assert agree(home, "", f"[one]\n{PIECES[1]}", ENV, "one").keys.token == "token+two=="
    assert agree(home, "", "", {**ENV, "AWS_SESSION_TOKEN": "token"}).keys.token == "token"


@pytest.mark.parametrize(
    "name", ["https_proxy", "HTTP_PROXY", "ALL_PROXY", "AWS_SOMETHING_NEW", "BOTOCORE_EXPERIMENTAL__PLUGINS"]
)
def test_what_is_not_known_is_left_to_botocore(home, name):
    assert agree(home, "", "", {**ENV, name: "http://127.0.0.1:9"}) is None


ODD_LINES = """[default]
[profile one]
[default] # x
[a]b]
[DEFAULT]
[]
[é]
region = x
region=x ; y
Region : x
a = b = c
a b = c
key
a =
a = é
é = 1
  a = b
\ta
# c
  ; c
"""
LINES = st.lists(st.sampled_from(["", *ODD_LINES.splitlines()]), max_size=8)


@given(LINES)
def test_a_file_is_read_as_configparser_reads_it(lines):
    """Or not at all; of a value that goes on in more lines only the name is kept."""
    ours = files.parsed([f"{line}\n" for line in lines])
    if ours is None:
        return
    theirs = configparser.RawConfigParser()
    theirs.read_string("\n".join(lines))
    assert set(ours) == set(theirs.sections())
    for title, section in ours.items():
        found = {name: theirs.get(title, name) for name in theirs.options(title)}
        assert set(section) == set(found)
        for name, value in section.items():
            assert value == found[name] or (value == "" and "\n" in found[name])


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_lines_that_only_botocore_sees_are_left_to_it(home, odd):
    """It takes the lines of a value apart in its own way, and may not be able to read the file at all."""
    nested = f"[profile one]\ns3 =\n  addressing{odd}_style = path\n"
    assert agree(home, nested, f"[default]\n{PIECES[0]}", {}) is None


def test_urls_are_botocores():
    session = botocore.session.Session()
    settled = 0
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("ssm", partition):
            for service in ("ssm", "ec2"):
                url = place.url_of(service, region, {})
                if url is not None:
                    settled += 1
                    keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "s"}
                    assert url == session.create_client(service, region_name=region, **keys).meta.endpoint_url
    assert settled > 50


def test_clients_with_urls_or_a_process_of_a_declaration_are_botocores(home):
    with mock.patch.dict(os.environ, surroundings(home, "", "", ENV), clear=True):
        for own in (
            {"endpoints": {"*": "http://127.0.0.1:9"}},
            {"endpoints": {}, "credential_process": "/bin/false"},
        ):
            made = Clients(Value("", "default"), Value("eu-west-1", "-r"), trace=print, ask_secret=str, **own)
            assert made._hot is None


def test_authorities_of_other_programs_are_left_to_botocore(home):
    there = {**ENV, "REQUESTS_CA_BUNDLE": str(home / "config")}
    for own, is_hot in (
        ({}, False),
        ({"AWS_CA_BUNDLE": str(home / "config")}, True),
        ({"AWS_CA_BUNDLE": "/no"}, False),
    ):
        with mock.patch.dict(os.environ, surroundings(home, "", "", {**there, **own}), clear=True):
            assert (hot("", "eu-west-1", None) is not None) == is_hot


def test_a_port_that_is_none_and_models_of_ones_own_are_left_to_botocore(home):
    settings = {**ENV, "HOME": str(home), "AWS_ENDPOINT_URL": "https://127.0.0.1:65535"}
    with mock.patch.dict(os.environ, surroundings(home, "", "", settings), clear=True):
        assert hot("", "eu-west-1", None) is not None
        os.environ["AWS_ENDPOINT_URL_EC2"] = "https://127.0.0.1:65536"
        assert hot("", "eu-west-1", None) is None
        del os.environ["AWS_ENDPOINT_URL_EC2"]
        (home / ".aws" / "models" / "ssm").mkdir(parents=True)  # whose endpoints may be others
        assert hot("", "eu-west-1", None) is None


@pytest.mark.parametrize("variables", [{}, {"AWS_REGION": "us-west-2"}, {"AWS_DEFAULT_REGION": "us-east-1"}])
def test_no_region_of_ours_is_that_of_botocore(home, variables):
    """As of `-r ""`, which is what `-r "$REGION"` is where that is not set."""
    config = f"[default]\nregion = eu-west-1\n{PIECES[0]}"
    found = []
    for more in ({}, {"AWS_STS_REGIONAL_ENDPOINTS": "regional"}):
        with mock.patch.dict(os.environ, surroundings(home, config, "", {**variables, **more}), clear=True):
            made = Clients(Value("", "default"), Value("", "--region"), endpoints={}, trace=print, ask_secret=str)
            assert (made._hot is None) == bool(more)
            found.append(made.region.value)
    assert found[0] == found[1]
