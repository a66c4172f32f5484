"""With the cut models botocore sends what it sends with its own, and reads the same out of the same bytes."""

import functools
import json
from datetime import UTC, datetime

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import pytest

from ssmx.aws.models import OPERATIONS, cut

EACH = [(service, name) for service, names in OPERATIONS.items() for name in names]
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DEEP = 5  # of a shape that holds itself


def protocol_of(model):
    """Where a service speaks CBOR as well, its JSON: the shapes are the same."""
    return "json" if "cbor" in model.protocol else model.protocol


@functools.cache
def models(service):
    """Ours and botocore's own."""
    whole = botocore.loaders.Loader().load_service_model(service, "service-2")
    return tuple(botocore.model.ServiceModel(model, service) for model in (cut(service)[1], whole))


def value_of(shape, deep=0):
    """A request that gives every parameter."""
    match shape.type_name:
        case "structure":
            return {name: value_of(each, deep + 1) for name, each in shape.members.items()} if deep < DEEP else {}
        case "list":
            return [value_of(shape.member, deep + 1)] * 2
        case "map":
            return {"key": value_of(shape.value, deep + 1)}
        case "timestamp":
            return WHEN
        case "blob":
            return b"blob"
        case kind:
            return {"boolean": True, "float": 1.5, "double": 1.5}.get(
                kind, 7 if kind in ("integer", "long") else "text"
            )


def xml_of(shape, deep=0):
    """The elements inside that of a shape in the query protocols, each of its members once."""
    match shape.type_name:
        case "structure":
            members = shape.members.items() if deep < DEEP else ()
            return "".join(_element(name, each, deep) for name, each in members)
        case "list":
            inside = shape.member.serialization.get("name", "member")
            rows = xml_of(shape.member, deep + 1)
            return f"<{inside}>{rows}</{inside}>" * 2
        case "map":
            return f"<entry><key>key</key><value>{xml_of(shape.value, deep + 1)}</value></entry>"
        case "timestamp":
            return "2026-01-02T03:04:05Z"
        case kind:
            return {"boolean": "true", "float": "1.5", "double": "1.5", "blob": "YmxvYg=="}.get(
                kind, "7" if kind in ("integer", "long") else "text"
            )


def _element(name, shape, deep):
    name = shape.serialization.get("name", name)
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        return f"<{name}>{xml_of(shape.member, deep + 1)}</{name}>" * 2
    return f"<{name}>{xml_of(shape, deep + 1)}</{name}>"


def json_of(shape, deep=0):
    """An answer in JSON, under the names that the wire has."""
    match shape.type_name:
        case "structure":
            members = shape.members.items() if deep < DEEP else ()
            return {each.serialization.get("name", name): json_of(each, deep + 1) for name, each in members}
        case "list":
            return [json_of(shape.member, deep + 1)] * 2
        case "map":
            return {"key": json_of(shape.value, deep + 1)}
        case "timestamp":
            rest = shape.serialization.get("timestampFormat") == "iso8601"
            return "2026-01-02T03:04:05Z" if rest else WHEN.timestamp()
        case "blob":
            return "YmxvYg=="
        case _:
            return value_of(shape)


def body_of(model, operation):
    shape = operation.output_shape
    if shape is None:
        return b""
    if model.protocol in ("query", "ec2"):
        wrapper = shape.serialization.get("resultWrapper")
        inside = xml_of(shape)
        inside = f"<{wrapper}>{inside}</{wrapper}>" if wrapper else inside
        return f"<R>{inside}<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></R>".encode()
    return json.dumps(json_of(shape)).encode()


@pytest.mark.parametrize(("service", "name"), EACH)
def test_the_same_request_is_sent(service, name):
    made = []
    for model in models(service):
        operation = model.operation_model(name)
        parameters = value_of(models(service)[1].operation_model(name).input_shape)
        serializer = botocore.serialize.create_serializer(model.protocol, include_validation=False)
        made.append(serializer.serialize_to_request(parameters, operation))
    assert made[0] == made[1]


@pytest.mark.parametrize(("service", "name"), EACH)
def test_the_same_is_read_out_of_an_answer(service, name):
    body = body_of(models(service)[1], models(service)[1].operation_model(name))
    read = []
    for model in models(service):
        parser = botocore.parsers.create_parser(protocol_of(model))
        shape = model.operation_model(name).output_shape
        read.append(parser.parse({"body": body, "headers": {}, "status_code": 200}, shape))
    assert read[0] == read[1]
    wanted = models(service)[1].operation_model(name).output_shape
    if wanted is not None:
        assert set(wanted.members) == set(read[1]) - {"ResponseMetadata"}


@pytest.mark.parametrize(("service", "name"), EACH)
def test_the_same_is_read_out_of_a_refusal(service, name):
    said = {"__type": "AccessDeniedException", "message": "no"}
    errors = b"<R><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors></R>"
    read = []
    for model in models(service):
        body = errors if model.protocol in ("query", "ec2") else json.dumps(said).encode()
        parser = botocore.parsers.create_parser(protocol_of(model))
        shape = model.operation_model(name).output_shape
        read.append(parser.parse({"body": body, "headers": {}, "status_code": 400}, shape))
    assert read[0] == read[1]
