"""Adding a service takes one row and one case file; what is missing says how it is to be added."""

import json

import click
import pytest
from botocore.validate import ParamValidator

from ssmx.cli.tunnel import command
from ssmx.model.catalog import SERVICES
from ssmx.model.endpoint import Endpoint
from ssmx.model.listing import Listing, Lookup, Service, Then
from tests.aws import cases
from tests.contract import newcomer

# A row as somebody might add it, of a service that ssmx does not know.
GROUPS = Lookup(
    "dax",
    "DescribeSubnetGroups",
    "SubnetGroupNames",
    "SubnetGroups[].{key: SubnetGroupName, vpc: VpcId}",
    plural=True,
)
DAX = Service(
    "dax",
    "accelerators of DynamoDB",
    (
        Listing(
            "dax",
            "DescribeClusters",
            """Clusters[].{name: ClusterName, host: ClusterDiscoveryEndpoint.Address, engine: 'dax',
                port: ClusterDiscoveryEndpoint.Port, vpc: SubnetGroup, status: Status, arn: ClusterArn}""",
            networks=GROUPS,
        ),
    ),
    database=True,
)


@pytest.mark.parametrize("name", SERVICES)
def test_a_row_has_a_case_file_and_all_else_that_it_needs(name):
    row = SERVICES[name]
    wanted = [*newcomer.wanted_of(row), *newcomer.wanted_case(row, cases.services())]
    assert not wanted, "\n\n".join(wanted)
    wanted = list(newcomer.wanted_dialects(row, cases.case(name).endpoints))
    assert not wanted, "\n\n".join(wanted)


def test_a_case_file_has_a_row():
    wanted = newcomer.wanted_rows(cases.services(), SERVICES)
    assert not wanted, "\n\n".join(wanted)


def test_the_help_lists_every_row_by_itself():
    lines = [
        line.split(maxsplit=1) for line in command.get_help(click.Context(command)).splitlines() if line.strip()
    ]
    for row in SERVICES.values():
        assert [row.name, row.about] in lines


def test_a_new_row_is_told_which_case_file_it_wants_and_what_to_paste():
    [said] = newcomer.wanted_case(DAX, cases.services())
    assert said.startswith(
        "the row 'dax' in ssmx/model/catalog.py has no case: write tests/model/catalog/dax.json, with answers as"
    )
    assert "`pytest tests/aws/test_catalog.py tests/model/test_catalog.py -k dax`" in said
    pasted = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert list(pasted) == ["source", "calls", "endpoints", "client"]
    assert pasted["calls"] == [
        {
            "client": "dax",
            "operation": "DescribeClusters",
            "answer": {
                "Clusters": [
                    {
                        "ClusterName": "...",
                        "ClusterArn": "...",
                        "Status": "...",
                        "ClusterDiscoveryEndpoint": {"Address": "...", "Port": 0},
                        "SubnetGroup": "...",
                    }
                ]
            },
        },
        {
            "client": "dax",
            "operation": "DescribeSubnetGroups",
            "given": {"SubnetGroupNames": ["..."]},
            "answer": {"SubnetGroups": [{"SubnetGroupName": "...", "VpcId": "..."}]},
        },
    ]
    assert pasted["endpoints"][0]["label"] == pasted["client"]["label"] == "dax/NAME"
    assert newcomer.wanted_case(DAX, [*cases.services(), "dax"]) == []


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_to_be_pasted_is_of_the_shape_that_aws_documents(name):
    for call in json.loads(newcomer.skeleton(SERVICES[name]))["calls"]:
        shape = newcomer._output(call["client"], call["operation"])
        assert not ParamValidator().validate(call["answer"], shape).has_errors()
        assert call["answer"]


def test_a_new_row_is_told_which_operations_the_cut_models_want():
    [said] = newcomer.wanted_of(DAX)
    assert said == (
        "the row 'dax' asks dax:DescribeClusters, DescribeSubnetGroups, which the cut models do not hold: in"
        " OPERATIONS of ssmx/aws/models.py the line of 'dax' is to be\n"
        '    "dax": ("DescribeClusters", "DescribeSubnetGroups",),'
    )
    snapshots = Service("old", "", (Listing("rds", "DescribeDBSnapshots", ""),))
    [said] = newcomer.wanted_of(snapshots)
    assert '    "rds": ("DescribeDBClusters", "DescribeDBInstances", ' in said
    assert '"DescribeDBSnapshots", "DescribeDBSubnetGroups",),' in said


def test_a_row_that_names_what_botocore_does_not_know_is_told_so():
    row = Service("x", "", (Listing("rds", "ListClusters", "", then=Then("DescribeCluster", "", "")),))
    said = newcomer.wanted_of(row)[0]
    assert said.startswith("the row 'x' in ssmx/model/catalog.py asks rds:ListClusters, which botocore ")
    assert said.endswith("does not know: look for its spelling in the boto3 reference")
    assert "asks nothing:Any, " in newcomer.wanted_of(Service("x", "", (Listing("nothing", "Any", ""),)))[0]


def test_an_engine_that_nobody_knows_is_told_where_its_dialect_goes():
    endpoint = Endpoint("dax", "orders", "orders.dax", 8111, engine="dax")
    [engine, own] = newcomer.wanted_dialects(DAX, [endpoint])
    assert engine.startswith(
        "the engine 'dax' of dax has no dialect: add it to ENGINES in ssmx/model/dialect/__init__"
    )
    assert "PLAIN_ENGINES in tests/contract/newcomer.py" in engine
    assert own.startswith(
        "`ssmx db` looks for dax (database=True), but none of its endpoints has a client of its own"
    )
    assert list(newcomer.wanted_dialects(DAX, [Endpoint("dax", "o", "o", 1, engine="redis")])) == []


def test_a_case_file_without_a_row_is_told_which_row():
    [said] = newcomer.wanted_rows(["dax", "rds"], SERVICES)
    assert said.startswith('tests/model/catalog/dax.json has no row: add\n\n    Service("dax", ')
    assert "to SERVICES in ssmx/model/catalog.py" in said
