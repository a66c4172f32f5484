import csv
import io
import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.stub import Stub


def test_all_nodes_are_listed_with_both_states(ssmx):
    nodes = ssmx("ls", "-o", "json").json
    assert len(nodes) == 201  # 200 instances and a hybrid node
    by_name = {each["name"]: each for each in nodes}
    assert (by_name["reports-nightly"]["state"], by_name["reports-nightly"]["ssm"]) == ("stopped", None)
    assert (by_name["search-indexer"]["state"], by_name["search-indexer"]["ssm"]) == ("running", "ConnectionLost")
    assert by_name["warehouse-scanner"]["state"] == "hybrid"


def test_a_table_has_a_heading_and_a_line_a_node(ssmx):
    lines = ssmx("ls", "payments-api").out.splitlines()
    assert lines[0].split() == ["NAME", "ID", "PRIVATE", "IP", "ZONE", "AGE", "EC2", "SSM"]
    assert lines[1].startswith("payments-api  i-")
    assert len(lines) == 2


def test_a_word_is_part_of_a_name(ssmx):
    names = ssmx("ls", "ayments-a", "-o", "name").out.split()
    assert names == ["payments-api"]


def test_names_are_alternatives_and_tags_narrow(ssmx):
    names = ssmx("ls", "payments-api", "bastion", "Env=prod", "-o", "name").out.split()
    assert names == ["bastion-prod", "payments-api"]


def test_tags_are_anded(ssmx):
    nodes = ssmx("ls", "Env=dev", "Team=payments", "-o", "json").json
    assert nodes
    assert all(each["tags"]["Env"] == "dev" and each["tags"]["Team"] == "payments" for each in nodes)


def test_hybrid_nodes_are_listed_by_name_and_tag(ssmx):
    assert ssmx("ls", "warehouse", "-o", "name").out == "warehouse-scanner\n"
    assert "warehouse-scanner" in ssmx("ls", "Name=warehouse-scanner", "-o", "name").out


def test_csv_has_headings_and_tsv_has_none(ssmx):
    rows = list(csv.reader(io.StringIO(ssmx("ls", "payments-api", "-o", "csv", "--columns", "name,ip").out)))
    assert rows == [["name", "private_ip"], ["payments-api", "10.0.12.87"]]
    assert ssmx("ls", "payments-api", "-o", "tsv", "--columns", "name,ip").out == "payments-api\t10.0.12.87\n"


def test_a_tag_can_be_a_column(ssmx):
    assert ssmx("ls", "payments-api", "-o", "tsv", "--columns", "tag:Team").out == "payments\n"


def test_an_unknown_column_lists_those_there_are(ssmx):
    result = ssmx("ls", "--columns", "name,colour")
    assert result.status == 2
    assert "no column 'colour'" in result.err
    assert "agent" in result.err


def test_nothing_found_is_an_empty_answer_and_a_note(ssmx):
    result = ssmx("ls", "no-such-thing")
    assert (result.status, result.out) == (0, "")
    assert "region eu-west-1" in result.err
    assert ssmx("ls", "no-such-thing", "-o", "json").json == []


@pytest.fixture
def big(env):
    """Run ssmx against an account of 2 301 nodes, 300 of them called web; gives the result and the calls."""

    def run(*words, unmanaged=()):
        fleet = {"web": range(1, 301), **{f"worker-{number}": [1000 + number] for number in range(2001)}}
        with Stub(fleet=fleet) as aws:
            aws.unmanaged = {f"i-{number:017x}" for number in unmanaged}
            done = subprocess.run(
                [sys.executable, "-m", "ssmx", *words],
                env=aws.env(env),
                capture_output=True,
                text=True,
                check=False,
            )
            return done, Counter(aws.operations())

    return run


def test_every_page_is_read(big):
    done, calls = big("ls", "-o", "name")
    assert len(done.stdout.splitlines()) == 2301
    assert calls == {"DescribeInstances": 3, "DescribeInstanceProperties": 3}


def test_a_name_of_many_nodes_asks_for_these_alone(big):
    done, calls = big("resolve", "web", "-o", "json")
    assert len(json.loads(done.stderr)["candidates"]) == 300
    assert calls["DescribeInstanceProperties"] == 0
    assert calls["DescribeInstances"] == 1


def test_one_node_that_ssm_does_not_know_hides_no_other(big):
    done, _ = big("resolve", "web", "-o", "json", unmanaged=[7, 120])
    found = {each["id"] for each in json.loads(done.stderr)["candidates"]}
    assert len(found) == 298
    assert not found & {f"i-{7:017x}", f"i-{120:017x}"}


def test_of_nodes_that_are_all_unknown_to_ssm_each_is_named(big):
    done, _ = big("resolve", "worker-5", unmanaged=[1005])
    assert done.returncode == 69
    assert "Systems Manager does not know it" in done.stderr


@pytest.mark.parametrize("wanted", ["i-0123456789abcdef0", "10.99.99.99", "asg/none"])
def test_an_id_or_an_address_that_nothing_has_is_an_empty_answer(ssmx, wanted):
    assert ssmx("ls", wanted, "-o", "json").json == []
