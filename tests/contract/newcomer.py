"""What a row of the catalog needs besides itself, said so that whoever adds one can do it."""

import json
import textwrap

import botocore
import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError

from ssmx.aws.models import OPERATIONS
from ssmx.model.dialect import PLAIN, dialect
from tests.aws import cases, fields

# Of these nobody can know what they speak: a client is told host and port.
PLAIN_ENGINES = {"tcp", "tcp_udp", "tcp_quic"}

_SESSION = botocore.session.Session()


def wanted_of(row):
    """What the row names that botocore or the cut models do not know, in sentences; none where all is there."""
    return [*_unknown(row), *_uncut(row)]


def _unknown(row):
    for client, name in cases.operations(row):
        try:
            _SESSION.get_service_model(client).operation_model(name)
        except (UnknownServiceError, OperationNotFoundError):
            yield (
                f"the row {row.name!r} in ssmx/model/catalog.py asks {client}:{name}, which botocore"
                f" {botocore.__version__} does not know: look for its spelling in the boto3 reference"
            )


def _uncut(row):
    for client in dict.fromkeys(client for client, _ in cases.operations(row)):
        known = OPERATIONS.get(client, ())
        missing = {name for each, name in cases.operations(row) if each == client} - set(known)
        if missing:
            names = "".join(f'"{name}", ' for name in sorted({*known, *missing})).strip()
            yield (
                f"the row {row.name!r} asks {client}:{', '.join(sorted(missing))}, which the cut models do not"
                f" hold: in OPERATIONS of ssmx/aws/models.py the line of {client!r} is to be\n"
                f'    "{client}": ({names}),'
            )


def wanted_case(row, files):
    """The case file that the row has not got yet, with what to paste into it; nothing where it is there."""
    if row.name in files:
        return []
    said = (
        f"the row {row.name!r} in ssmx/model/catalog.py has no case: write tests/model/catalog/{row.name}.json,"
        " with answers as the API reference shows them and the endpoints that they tell of. To begin with:\n\n"
        f"{textwrap.indent(skeleton(row), '    ')}\n\n"
        f"Then `pytest tests/aws/test_catalog.py tests/model/test_catalog.py -k {row.name}`: where it fails it"
        " says what is different."
    )
    return [said]


def skeleton(row):
    """A case file with the calls of the row, and in their answers the fields that it names."""
    calls = [call for listing in row.listings for call in _calls(listing)]
    label = f"{row.name}/NAME"
    endpoints = [{"label": label, "host": "", "port": 0, "vpc": "", "groups": [], "engine": "", "status": ""}]
    own = {"own": []} if row.database else {}
    client = {"label": label, **own, "variables": {}, "recipe": [], "limits": ""}
    return "\n".join(
        (
            "{",
            '  "source": "https://docs.aws.amazon.com/...",',
            _list("calls", calls),
            _list("endpoints", endpoints),
            f'  "client": {json.dumps(client)}',
            "}",
        )
    )


def _list(name, rows):
    lines = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    return f'  "{name}": [\n{lines}\n  ],'


def _calls(listing):
    first, second, look = _output(listing.client, listing.operation), None, listing.networks
    queries = [(listing.endpoints, first)]
    if listing.then:
        second = _output(listing.client, listing.then.operation)
        items = fields.read(listing.then.items, first)[0]
        queries = [(listing.endpoints, {"item": items[0], "answer": second})]
    asked = [(listing.then.items, first)] if listing.then else queries
    yield _call(listing.client, listing.operation, dict(listing.given), fields.sample(first, *asked))
    if listing.then:
        given = {listing.then.argument: ["..."] if listing.then.at_once else "..."}
        yield _call(listing.client, listing.then.operation, given, fields.sample(second, *queries))
    if look:
        output = _output(look.client, look.operation)
        given = {look.argument: ["..."] if look.plural else "..."}
        if look.filter:
            given = {look.argument: [{"Name": look.filter, "Values": ["..."]}]}
        yield _call(look.client, look.operation, given, fields.sample(output, (look.found, output)))


def _call(client, operation, given, answer):
    return {"client": client, "operation": operation, **({"given": given} if given else {}), "answer": answer}


def _output(client, operation):
    return _SESSION.get_service_model(client).operation_model(operation).output_shape


def wanted_dialects(row, endpoints):
    """What clients of the case's endpoints are to be told, where nobody knows that yet."""
    unknown = {each.engine for each in endpoints if dialect(each) is PLAIN} - PLAIN_ENGINES
    for engine in sorted(unknown):
        yield (
            f"the engine {engine!r} of {row.name} has no dialect: add it to ENGINES in"
            " ssmx/model/dialect/__init__.py, with the dialect that its clients speak; one of its own, with"
            " programs, variables and how they verify TLS, is a Dialect in one of the files there. If nobody can"
            " know what it speaks, add it to PLAIN_ENGINES in tests/contract/newcomer.py."
        )
    if row.database and not any(dialect(each).programs for each in endpoints):
        yield (
            f"`ssmx db` looks for {row.name} (database=True), but none of its endpoints has a client of its own:"
            " name its `programs` in its Dialect, or take database=True from the row"
        )


def wanted_rows(files, rows):
    """The rows that case files are left without."""
    return [
        f"tests/model/catalog/{name}.json has no row: add\n\n"
        f'    Service("{name}", "WHAT IT IS, FOR THE HELP", (Listing("CLIENT", "OPERATION", "JMESPATH"),)),\n\n'
        "to SERVICES in ssmx/model/catalog.py (what they are made of: ssmx/model/listing.py), or remove the file"
        for name in files
        if name not in rows
    ]
