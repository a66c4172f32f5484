"""The cut models say of our operations what botocore's own say, and are never in the way."""

import functools
import json
import re
import subprocess
import sys

import botocore.loaders
import botocore.model
import pytest
from botocore import xform_name
from botocore.exceptions import EndpointVariantError
from botocore.regions import EndpointResolver

from ssmx.aws.models import OPERATIONS, cut, cut_endpoints
from ssmx.model.catalog import SERVICES
from tests.aws import cases
from tests.conftest import ROOT

EACH = [(service, name) for service, names in OPERATIONS.items() for name in names]


@functools.cache
def whole(service):
    return botocore.loaders.Loader().load_service_model(service, "service-2")


@functools.cache
def ours_of(service):
    return cut(service)[1]


def spelled(shape, above=()):
    """A shape with all it holds, in full; one that holds itself ends there."""
    if shape is None or shape.name in above:
        return shape and shape.name
    about = {
        key: silent(value) for key, value in shape._shape_model.items() if key not in ("members", "documentation")
    }
    above = (*above, shape.name)
    match shape.type_name:
        case "structure":
            return about, {name: spelled(each, above) for name, each in shape.members.items()}
        case "list":
            return about, spelled(shape.member, above)
        case "map":
            return about, spelled(shape.key, above), spelled(shape.value, above)
        case _:
            return about


def silent(part):
    """Without documentation."""
    if isinstance(part, dict):
        return {key: silent(value) for key, value in part.items() if key != "documentation"}
    return part


@pytest.mark.parametrize(("service", "name"), EACH)
def test_an_operation_is_the_same_in_both(service, name):
    ours, botocores = (
        botocore.model.ServiceModel(model, service).operation_model(name)
        for model in (ours_of(service), whole(service))
    )
    assert ours.http == botocores.http
    assert ours.metadata == botocores.metadata
    for part in ("input_shape", "output_shape"):
        assert spelled(getattr(ours, part)) == spelled(getattr(botocores, part))
    assert [each.name for each in ours.error_shapes] == [each.name for each in botocores.error_shapes]


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_operation_that_the_code_names_is_among_them(service):
    """One that is missing would be an AttributeError at the user's."""
    known = {xform_name(name): name for name in whole(service)["operations"]}
    text = "".join(path.read_text() for path in (ROOT / "ssmx" / "aws").glob("*.py") if path.name != "models.py")
    named = re.findall(r"(?<!session)\.(\w+)\(", text) + re.findall(r'get_paginator\("(\w+)"', text)
    listed = {name for row in SERVICES.values() for client, name in cases.operations(row) if client == service}
    used = {known[name] for name in named if name in known} | listed
    used |= set(re.findall(rf'"{service}", "([A-Z]\w+)"', text))
    others = {name for other, names in OPERATIONS.items() if other != service for name in names}
    assert used - others <= set(OPERATIONS[service]) <= used


# A variable that leaves a doubt, so that botocore is used at all.
ODD = {"AWS_STS_REGIONAL_ENDPOINTS": "regional"}


def models_of(cache):
    return sorted(cache.glob("ssmx/botocore-*/*/*/service-2.json"))


def endpoints_of(cache):
    return sorted(cache.glob("ssmx/botocore-*/endpoints.json"))


def endpoint(data, *args, **variants):
    try:
        return EndpointResolver(data).construct_endpoint(*args, **variants)
    except EndpointVariantError as error:
        return str(error)


@pytest.mark.parametrize("service", [*OPERATIONS, "sts", "sso", "sso-oidc"])
def test_the_endpoints_are_the_same_in_every_region(service):
    both = botocore.loaders.Loader().load_data("endpoints"), cut_endpoints()
    prefix = whole(service)["metadata"]["endpointPrefix"]
    partitions = both[0]["partitions"]
    regions = [region for each in partitions for region in each["regions"]]
    for region in (*regions, "us-gov-north-9", "fips-us-gov-west-1", "aws-global", "nowhere"):
        for variants in ({}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}):
            ours, botocores = (endpoint(data, prefix, region, **variants) for data in both)
            assert ours == botocores
    for each in partitions:
        ours, botocores = (
            EndpointResolver(data).get_available_endpoints(prefix, each["partition"]) for data in both
        )
        assert ours == botocores


def test_they_are_made_once_and_read_from_then_on(ssmx, tmp_path):
    own = {**ODD, "XDG_CACHE_HOME": str(tmp_path)}
    assert ssmx("resolve", "payments-api", "-o", "name", **own).out == "payments-api\n"
    made = models_of(tmp_path)
    assert {path.parts[-3] for path in made} <= set(OPERATIONS)
    assert len(made) == 2  # of the services that this asks, EC2 and Systems Manager
    before = [path.stat().st_mtime_ns for path in made]
    assert ssmx("resolve", "payments-api", "-o", "name", **own).out == "payments-api\n"
    assert [path.stat().st_mtime_ns for path in models_of(tmp_path)] == before
    assert list((tmp_path / "ssmx").glob("*botocore*")) == [made[0].parents[2]]


@pytest.mark.parametrize("broken", [lambda cache, _: models_of(cache), lambda _, endpoints: [endpoints]])
@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_broken_ones_are_thrown_away(ssmx, tmp_path, text, broken):
    own = {**ODD, "XDG_CACHE_HOME": str(tmp_path)}
    ssmx("resolve", "payments-api", **own)
    (endpoints,) = endpoints_of(tmp_path)
    for path in broken(tmp_path, endpoints):
        path.write_text(text)
    for _ in range(2):
        result = ssmx("resolve", "payments-api", "-o", "name", **own)
        assert (result.status, result.out, result.err) == (0, "payments-api\n", "")


def test_a_cache_that_cannot_be_written_is_none(ssmx, tmp_path):
    (tmp_path / "file").write_text("")
    result = ssmx("resolve", "payments-api", "-o", "name", **ODD, XDG_CACHE_HOME=str(tmp_path / "file"))
    assert (result.status, result.out, result.err) == (0, "payments-api\n", "")


@pytest.mark.parametrize("which", ["", "botocore-*"])
def test_a_folder_into_which_others_write_is_not_used(ssmx, tmp_path, which):
    """What is in it says where botocore sends what it signs."""
    own = {**ODD, "XDG_CACHE_HOME": str(tmp_path)}
    assert ssmx("resolve", "payments-api", **own).status == 0
    (folder,) = (tmp_path / "ssmx").glob(which) if which else [tmp_path / "ssmx"]
    assert folder.stat().st_mode & 0o077 == 0
    rules = {"version": "1.0", "parameters": {}, "rules": [{"type": "error", "conditions": [], "error": "theirs"}]}
    for path in models_of(tmp_path):
        (path.parent / "endpoint-rule-set-1.json").write_text(json.dumps(rules))
    assert ssmx("resolve", "payments-api", **own).status != 0
    folder.chmod(0o777)
    assert ssmx("resolve", "payments-api", "-o", "name", **own).out == "payments-api\n"


def test_models_of_the_users_own_go_before(ssmx, tmp_path):
    own = {**ODD, "XDG_CACHE_HOME": str(tmp_path), "AWS_DATA_PATH": str(tmp_path / "mine")}
    assert ssmx("resolve", "payments-api", "-o", "name", **own).out == "payments-api\n"
    assert models_of(tmp_path) == []


def test_many_at_once_make_one(env, tmp_path):
    words = [sys.executable, "-m", "ssmx", "resolve", "payments-api", "-o", "name"]
    own = {**env, **ODD, "XDG_CACHE_HOME": str(tmp_path)}
    runs = [subprocess.Popen(words, env=own, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    assert [run.communicate()[0] for run in runs] == ["payments-api\n"] * 5
    assert len(list((tmp_path / "ssmx").glob("*botocore*"))) == 1
