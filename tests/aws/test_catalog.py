"""Each row of the catalog, from the answers of AWS in its case file to endpoints, with the real clients."""

import botocore.session
import jmespath
import pytest
from botocore.validate import ParamValidator

from ssmx.errors import Refused
from ssmx.model.catalog import SERVICES
from ssmx.model.endpoint import Endpoint
from tests.aws import cases, fields
from tests.aws.answers import MISSING

# moto's serialisers wonder about errors that a model does not know, such as ours for a call that is missing.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.Refusal. with code:UserWarning")

SESSION = botocore.session.Session()
CASES = {service: cases.case(service) for service in cases.services() if service in SERVICES}
LISTINGS = [
    pytest.param(service.name, listing, id=f"{service.name}-{listing.operation}")
    for service in SERVICES.values()
    for listing in service.listings
]


def as_asked(call):
    return call["client"], call["operation"], call.get("given", {})


def shape_of(client, operation):
    return SESSION.get_service_model(client).operation_model(operation).output_shape


@pytest.mark.parametrize("service", CASES)
def test_every_endpoint_that_the_answers_tell_of_is_listed_in_order(service, listed):
    case = CASES[service]
    found, asked = listed(case.calls, service, source=case.path)
    assert [cases.spelled(each) for each in found] == [cases.spelled(each) for each in case.endpoints]
    assert found == case.endpoints
    unasked = [each for each in map(as_asked, case.calls) if each not in asked]
    assert unasked == [], f"answers in {case.path} that nobody asks for"
    assert len(asked) == len(case.calls), "the same is asked twice"


@pytest.mark.parametrize(
    ("service", "name"),
    [(service, name) for service, case in CASES.items() for name in sorted({each.name for each in case.endpoints})],
)
def test_one_name_is_asked_for_alone(service, name, listed):
    case = CASES[service]
    found, asked = listed(
        [*narrowed(case, name), *case.calls, *looked_up(case)], service, name=name, source=case.path
    )
    assert found == [each for each in case.endpoints if each.name == name]
    assert len(asked) <= 3 * len(SERVICES[service].listings)  # the call, the second one, the VPC
    for listing in SERVICES[service].listings:
        if listing.then and listing.then.by_name:  # no list of all, for whoever may not list
            assert (listing.client, listing.operation, dict(listing.given)) not in asked
            continue
        arguments = {**listing.given, **with_name(listing.narrowed, name)}
        assert (listing.client, listing.operation, arguments) in asked
        if arguments != listing.given:
            assert (listing.client, listing.operation, dict(listing.given)) not in asked


@pytest.mark.parametrize("service", CASES)
def test_a_name_that_aws_does_not_know_is_none(service, listed):
    case = CASES[service]
    assert listed([*narrowed(case, "nosuch"), *case.calls], service, name="nosuch", source=case.path)[0] == []


def narrowed(case, name):
    """What AWS answers where one name is asked for: those of that name, or its error where there is none."""
    for listing in SERVICES[case.service].listings:
        if listing.then and listing.then.by_name and name not in {each.name for each in case.endpoints}:
            asked = {listing.then.argument: [name] if listing.then.at_once else name}
            error = {"Code": "ResourceNotFoundException", "Message": f"no {name}"}
            yield {"client": listing.client, "operation": listing.then.operation, "given": asked, "error": error}
        if not listing.narrowed:
            continue
        whole = [each for each in case.calls if as_asked(each) == as_asked_by(listing)]
        assert whole, f"{case.path} lists no {listing.client}:{listing.operation} with {dict(listing.given)}"
        call = {
            "client": listing.client,
            "operation": listing.operation,
            "given": {**listing.given, **with_name(listing.narrowed, name)},
        }
        [(key, rows)] = [(key, each) for key, each in whole[0]["answer"].items() if isinstance(each, list)]
        query = listing.then.items if listing.then else listing.endpoints
        chosen = [each for each in rows if named(query, {key: [each]}) == [name]]
        error = not_found(listing)
        yield {**call, "error": error} if error and not chosen else {**call, "answer": {key: chosen}}


def looked_up(case):
    """What AWS answers where fewer are asked for at once than in the case: each alone, of what it tells of many."""
    for listing in SERVICES[case.service].listings:
        if listing.then and listing.then.at_once:
            yield from alone(case, listing.client, listing.then.operation, listing.then.argument, plural=True)
        if look := listing.networks:
            yield from alone(case, look.client, look.operation, look.argument, plural=look.plural, by=look.filter)


def alone(case, client, operation, argument, *, plural, by=""):
    for call in case.calls:
        if (call["client"], call["operation"]) == (client, operation):
            [(key, rows)] = call["answer"].items()
            for row in rows:
                name = next(row[each] for each in ("DomainName", "SubnetId", "Name", *row) if each in row)
                given = {argument: [name] if plural else name}
                if by:
                    given = {argument: [{"Name": by, "Values": [name]}]}
                yield {"client": client, "operation": operation, "given": given, "answer": {key: [row]}}


def as_asked_by(listing):
    return listing.client, listing.operation, dict(listing.given)


def with_name(part, name):
    if isinstance(part, str):
        return part.replace("{name}", name)
    if isinstance(part, list):
        return [with_name(each, name) for each in part]
    return {key: with_name(each, name) for key, each in part.items()}


def named(query, answer):
    return [each["name"] for each in jmespath.search(query, answer) or ()]


def not_found(listing):
    """The error of the operation that says that nothing has this name; None where that is an empty answer."""
    model = SESSION.get_service_model(listing.client).operation_model(listing.operation)
    if "Filters" in listing.narrowed:
        return None
    codes = [each.metadata.get("error", {}).get("code", each.name) for each in model.error_shapes]
    return next(({"Code": code, "Message": "there is none"} for code in codes if "NotFound" in code), None)


@pytest.mark.parametrize("service", CASES)
def test_an_answer_of_a_case_is_of_the_shape_that_aws_documents(service):
    for call in CASES[service].calls:
        report = ParamValidator().validate(call["answer"], shape_of(call["client"], call["operation"]))
        assert not report.has_errors(), f"{call['operation']}: {report.generate_report()}"
        model = SESSION.get_service_model(call["client"]).operation_model(call["operation"])
        report = ParamValidator().validate(call.get("given", {}), model.input_shape)
        assert not report.has_errors(), f"{call['operation']}: {report.generate_report()}"


@pytest.mark.parametrize(("service", "listing"), LISTINGS)
def test_a_row_of_the_catalog_asks_for_fields_that_the_answers_have(service, listing):
    given = shape_of(listing.client, listing.operation)
    if listing.then:
        items, wrong = fields.read(listing.then.items, given)
        assert wrong == []
        assert {"name", "ask"} <= set(items[0])
        given = {"item": items[0], "answer": shape_of(listing.client, listing.then.operation)}
    rows, wrong = fields.read(listing.endpoints, given)
    assert wrong == []
    known = {*Endpoint.__dataclass_fields__, "address", "arn", "each", "network"} - {"service", "region", "account"}
    parts = rows[0].get("each", [{}])[0]
    told = set(rows[0]) | set(parts)
    assert told <= known
    assert {"name", "arn", "status"} <= set(rows[0])
    assert ("network" in rows[0]) == bool(listing.networks)
    assert "vpc" in rows[0] or listing.networks
    assert "engine" in told
    assert "address" in told or {"host", "port"} <= told


@pytest.mark.parametrize(("service", "listing"), LISTINGS)
def test_a_row_asks_with_arguments_that_the_operations_take(service, listing):
    def arguments(operation):
        return SESSION.get_service_model(listing.client).operation_model(operation).input_shape.members

    asked = {**listing.given, **with_name(listing.narrowed, "x")}
    model = SESSION.get_service_model(listing.client).operation_model(listing.operation)
    assert not ParamValidator().validate(asked, model.input_shape).has_errors()
    if listing.then:
        assert (arguments(listing.then.operation)[listing.then.argument].type_name == "list") == bool(
            listing.then.at_once
        )
    if look := listing.networks:
        found, wrong = fields.read(look.found, shape_of(look.client, look.operation))
        assert wrong == []
        assert {"key", "vpc"} <= set(found[0]) <= {"key", "vpc", "subnets"}
        model = SESSION.get_service_model(look.client).operation_model(look.operation)
        assert (model.input_shape.members[look.argument].type_name == "list") == (look.plural or bool(look.filter))


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("DBInstances[].{name: DBInstanceIdentifer}", "DBInstance has no DBInstanceIdentifer"),
        ("DBInstances[?Engin == 'docdb'].Engine", "DBInstance has no Engin"),
        ("DBInstances[].Endpoint.Address.Port", "Port is asked of String, which has no fields"),
        ("DBInstances.Engine", "Engine is asked of DBInstanceList, which has no fields"),
        ("DBInstances[].Engine[0]", "String is no list"),
        (
            "DBInstances[?ReplicaMode == 'sync'].Engine",
            "ReplicaMode is never 'sync', but open-read-only, mounted",
        ),
        ("[{a: DBInstances}][].b", "what the first call gives has no b"),
    ],
)
def test_a_misspelt_field_of_a_row_is_found(query, wrong):
    assert fields.read(query, shape_of("rds", "DescribeDBInstances"))[1] == [wrong]


def test_a_call_that_a_case_does_not_list_is_told_as_it_is_to_be_added(listed):
    with pytest.raises(Refused) as failed:
        listed([], "redshift", source="tests/model/catalog/redshift.json")
    assert MISSING in failed.value.message
    assert (
        'tests/model/catalog/redshift.json lists no such call: {"client": "redshift", "operation":'
        ' "DescribeClusters", "answer": {}}' in failed.value.message
    )
