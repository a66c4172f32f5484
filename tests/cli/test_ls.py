import csv
import io

import pytest


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


def test_every_page_is_read(ssmx, levers):
    levers("POST", "reset")
    assert len(ssmx("ls", "-o", "json").json) == 201
    assert len(levers.asked("DescribeInstanceProperties")) >= 1


@pytest.mark.parametrize("wanted", ["i-0123456789abcdef0", "10.99.99.99", "asg/none"])
def test_an_id_or_an_address_that_nothing_has_is_an_empty_answer(ssmx, wanted):
    assert ssmx("ls", wanted, "-o", "json").json == []
