"""Other accounts and regions: where a name is known to be, names that say it, and the last target."""

from zlib import crc32

import pytest

from ssmx.model.index import Scope, parse, written
from tests.cli.conftest import PROFILES
from tests.cli.running import runs
from tests.conftest import client_of

pytestmark = pytest.mark.usefixtures("forgotten")


@pytest.fixture
def env(env):
    return {**env, "SSMX_INDEX_FRESH": "60"}


class TestElsewhere:
    def test_a_node_is_found_in_the_index_and_the_way_there_is_told(self, ssmx):
        assert ssmx("resolve", "payments-api").status == 0
        result = ssmx("run", "payments-api", "-r", "us-east-1", "--", "true")
        assert result.status == 68
        assert result.err.splitlines()[1] == (
            "  try: payments-api is in eu-west-1 of account 123456789012 (profile sandbox): add -r eu-west-1"
        )
        result = ssmx("resolve", "payments-api%sandbox/us-east-1", "-o", "json")
        assert "say payments-api%sandbox/eu-west-1" in result.err

    def test_what_keys_of_another_account_have_seen_is_no_matter_of_the_region(self, ssmx, index):
        assert ssmx("resolve", "payments-api").status == 0
        [path] = index.glob("scopes/*/index")
        known = parse(path.read_bytes())
        for account, way in (("210987654321", "sign in as you did then"), ("123456789012", "add -r us-west-2")):
            known.scope = Scope(account, "us-west-2", "", known.scope.endpoint)
            path.write_bytes(written(known))
            err = ssmx("resolve", "payments-api", AWS_REGION="us-east-1").err
            assert f"us-west-2 of account {account} (profile none): {way}\n" in err

    def test_anywhere_goes_there(self, ssmx, nodes):
        assert ssmx("resolve", "payments-api").status == 0
        far = {"AWS_REGION": "us-east-1"}
        result = ssmx("resolve", "payments-api", "--anywhere", "-o", "json", **far)
        assert (result.status, result.json["id"]) == (0, nodes["payments-api"])
        assert "payments-api is in eu-west-1" in result.err
        assert "payments-api is in eu-west-1" in runs(ssmx, "payments-api", SSMX_ANYWHERE="1", **far)[1]
        assert ssmx("resolve", "nobody", "--anywhere", **far).status == 68

    def test_anywhere_in_several_places_is_no_guess(self, ssmx, profiles):
        for name in PROFILES:
            assert ssmx("resolve", "payments-api", **profiles(name)).status == 0
        result = ssmx("resolve", "payments-api", "--anywhere", "-r", "us-east-1", **profiles("prod"))
        assert result.status == 68
        assert "payments-api is in 2 places" in result.err

    def test_anywhere_goes_to_no_other_account_than_it_says(self, ssmx, index):
        assert ssmx("ls").status == 0
        [path] = index.glob("scopes/*/index")
        known = parse(path.read_bytes())
        known.scope = Scope("210987654321", "us-east-1", "sandbox", known.scope.endpoint)
        path.parent.rename(path.parent.with_name(known.scope.name))
        (index / "scopes" / known.scope.name / "index").write_bytes(written(known))
        result = ssmx("resolve", "payments-api", "--anywhere", AWS_REGION="eu-west-2")
        assert (result.status, result.out) == (78, "")
        assert "in account 123456789012, and payments-api in account 210987654321" in result.err

    def test_anywhere_does_not_go_round(self, ssmx, index):
        assert ssmx("ls").status == 0
        [path] = index.glob("scopes/*/index")
        known = parse(path.read_bytes())
        later = path.read_text().replace(f"\t{known.listed['nodes']:.3f}", f"\t{known.listed['nodes'] + 3000:.3f}")
        for region in ("us-east-1", "us-west-2"):  # a clock was wrong: what is not there stays known
            text = later.replace("\teu-west-1\t", f"\t{region}\t", 1)
            body = text[: text.rindex("end\t")]
            scope = Scope("123456789012", region, "sandbox", known.scope.endpoint)
            (index / "scopes" / scope.name).mkdir()
            checked = f"{body}end\t{crc32(body.encode())}\n"
            (index / "scopes" / scope.name / "index").write_text(checked)
        path.unlink()
        result = ssmx("resolve", "payments-api", "--anywhere", AWS_REGION="us-east-1")
        assert result.status == 68
        assert result.err.count("payments-api is in us-west-2") == 1

    def test_an_endpoint_is_found_there_too(self, ssmx):
        assert ssmx("ls", "rds", "-o", "name").status == 0
        result = ssmx("tunnel", "rds", "payments-prod", "--dry-run", "-r", "us-east-1")
        assert (result.status, "payments-prod is in eu-west-1" in result.err) == (68, True)
        result = ssmx("tunnel", "rds", "payments-prod", "--anywhere", "--dry-run", "-r", "us-east-1")
        assert result.status == 0, result.err

    def test_the_account_is_called_by_its_alias_where_that_is_known(self, ssmx, running):
        iam = client_of(running, "iam")
        iam.create_account_alias(AccountAlias="payments-live")
        try:
            assert ssmx("index", "refresh").status == 0
        finally:
            iam.delete_account_alias(AccountAlias="payments-live")
            iam.close()
        assert (
            "in eu-west-1 of payments-live (profile sandbox)" in ssmx("resolve", "admin-ui", "-r", "us-east-1").err
        )


class TestInline:
    @pytest.mark.usefixtures("none_open")
    def test_a_name_says_its_profile_and_region(self, ssmx, profiles):
        runs(ssmx, "payments-api%preprod/eu-west-1", **profiles("prod"))
        result = ssmx("resolve", "payments-api%nobody", **profiles("prod"))
        assert (result.status, "profile 'nobody' (from payments-api%nobody)" in result.err) == (78, True)

    def test_a_name_that_looks_like_a_variable_does_so_too(self, ssmx, profiles):
        result = ssmx("resolve", "AWS_gateway%nobody", **profiles("prod"))
        assert (result.status, "profile 'nobody' (from AWS_gateway%nobody)" in result.err) == (78, True)

    @pytest.mark.parametrize(
        "words",
        [
            ("resolve", "web%prod/eu"),
            ("resolve", "web%prod/us-east-1", "-r", "eu-west-1"),
            ("resolve", "-p", "preprod", "web%prod"),
            ("tunnel", "rds", "x%prod", "--via", "web%preprod"),
            ("why", "web%prod", "rds/x%preprod"),
        ],
    )
    def test_what_is_said_twice_or_is_no_region_is_refused(self, ssmx, profiles, words):
        result = ssmx(*words, **profiles("prod"))
        assert (result.status, len(result.err.splitlines())) == (2, 2)

    @pytest.mark.parametrize("endpoint", [("tunnel", "rds"), ("tunnel", "rds/"), ("db",), ("db", "rds/")])
    def test_so_does_an_endpoint(self, ssmx, endpoint):
        [*words, last] = endpoint
        words = (
            [*words, f"{last}payments-prod%/us-east-1"]
            if last.endswith("/")
            else [*endpoint, "payments-prod%/us-east-1"]
        )
        result = ssmx(*words, "--dry-run")
        assert (result.status, "region us-east-1" in result.err) == (68, True), result.err


@pytest.mark.usefixtures("none_open")
class TestTheLastTarget:
    def test_is_the_node_of_the_last_session_where_it_was(self, ssmx, profiles):
        runs(ssmx, "admin-ui", **profiles("preprod"))
        result = ssmx("run", "-", "-v", "--", "hostname", **profiles("prod"))
        assert (result.status, "admin-ui (" in result.err) == (0, True)
        assert "profile" not in result.err
        assert ssmx("forward", "-", "0:8080", "--dry-run", **profiles("prod")).status == 0

    def test_is_no_node_of_that_name_in_another_account(self, ssmx, home):
        runs(ssmx, "admin-ui")
        path = home / ".local" / "state" / "ssmx" / "recent.json"
        path.write_text(path.read_text().replace("123456789012", "210987654321"))
        for words in (("run", "-", "--", "true"), ("resolve", "-"), ("forward", "-", "0:8080", "--dry-run")):
            result = ssmx(*words)
            assert (result.status, result.out) == (78, "")
            assert "was in account 210987654321, and this is account 123456789012" in result.err
        assert ssmx("resolve", "-", "-p", "sandbox").status == 0  # that was said

    def test_is_none_at_first(self, ssmx):
        result = ssmx("run", "-", "--", "true")
        assert (result.status, len(result.err.splitlines())) == (2, 2)
