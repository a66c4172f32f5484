"""botocore's models and endpoints without what ssmx does not use: to read them whole is a quarter of a short run.

Cut from the installed botocore, each service's when it is first used, once for each version of botocore, and
kept in the cache folder; never shipped. Where that cannot be, or somebody has models of their own, botocore reads
its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import botocore
import botocore.loaders
import botocore.session

from ssmx.aws.authorities import is_private
from ssmx.errors import LocalFault
from ssmx.store import whole

# Every operation that ssmx names; a contract test looks for them in the code.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "autoscaling": ("DescribeAutoScalingInstances",),
    "ec2": (
        "DescribeInstances",
        "DescribeRegions",
        "DescribeRouteTables",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeTags",
        "DescribeVpcPeeringConnections",
        "DescribeVpcs",
        "GetManagedPrefixListEntries",
    ),
    "eks": ("DescribeCluster", "ListClusters"),
    "elasticache": (
        "DescribeCacheClusters",
        "DescribeCacheSubnetGroups",
        "DescribeReplicationGroups",
        "DescribeServerlessCaches",
    ),
    "elbv2": ("DescribeListeners", "DescribeLoadBalancers"),
    "iam": ("ListAccountAliases",),
    "kafka": ("GetBootstrapBrokers", "ListClustersV2"),
    "kms": ("GenerateDataKey",),
    "memorydb": ("DescribeClusters", "DescribeSubnetGroups"),
    "mq": ("DescribeBroker", "ListBrokers"),
    "opensearch": ("DescribeDomains", "ListDomainNames"),
    "rds": (
        "DescribeDBClusters",
        "DescribeDBInstances",
        "DescribeDBProxies",
        "DescribeDBProxyEndpoints",
        "DescribeDBSubnetGroups",
    ),
    "redshift": ("DescribeClusterSubnetGroups", "DescribeClusters"),
    "redshift-serverless": ("ListWorkgroups",),
    "ssm": (
        "DescribeInstanceInformation",
        "DescribeInstanceProperties",
        "DescribeSessions",
        "ListDocuments",
        "ListTagsForResource",
        "ResumeSession",
        "StartSession",
        "TerminateSession",
    ),
}

_KIND = "service-2"
_ENDPOINTS = "endpoints"
# What endpoints.json calls the services that are asked, and those that sign in.
_PREFIXES = (
    *("autoscaling", "ec2", "eks", "elasticache", "elasticloadbalancing", "es", "iam", "kafka", "kms", "memory-db"),
    *("mq", "rds", "redshift", "redshift-serverless", "ssm", "sts", "oidc", "portal.sso", "signin"),
)


class _Every(list[str]):
    """A list that holds whatever is looked for."""

    def __contains__(self, _: object) -> bool:
        return True


class _Loader(botocore.loaders.Loader):
    """botocore's, which looks for a service where it would be, not through the folders of all of them first."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Whatever is looked for: that it is missing is found out when it is read."""
        return _Every()


class Models:
    """The cut models in the folder that `cache` gives, or raises LocalFault."""

    def __init__(self, cache: Callable[[], Path]) -> None:
        self._cache = cache

    @cached_property
    def _folder(self) -> Path:
        digest = hashlib.sha256(json.dumps([OPERATIONS, _PREFIXES], sort_keys=True).encode()).hexdigest()[:8]
        return self._cache() / f"botocore-{botocore.__version__}-{digest}"

    def lend(self, session: botocore.session.Session, service: str) -> None:
        """Let the session read the service's, made where it is not there yet; nothing where that cannot be."""
        own = Path(botocore.loaders.Loader.CUSTOMER_DATA_PATH)
        has_own = (own / service).exists() or (own / f"{_ENDPOINTS}.json").exists()
        if service not in OPERATIONS or os.environ.get("AWS_DATA_PATH") or has_own:
            return
        with suppress(OSError, ValueError, KeyError, LocalFault):
            if not (self._folder / service).is_dir():
                self._make(service)
            if not (is_private(self._folder) and is_private(self._folder.parent)):
                return  # what is in there says where botocore sends what it signs
            if str(self._folder) not in session.get_component("data_loader").search_paths:
                session.register_component("data_loader", _Loader(extra_search_paths=[str(self._folder)]))

    def withdraw(self, session: botocore.session.Session) -> bool:
        """One of them is broken: let the session read botocore's own, and throw them away; whether it had them."""
        try:
            lent = str(self._folder) in session.get_component("data_loader").search_paths
        except LocalFault:
            return False
        if lent:  # another loader, because this one remembers what it has read
            own = botocore.loaders.create_loader(session.get_config_variable("data_path"))
            session.register_component("data_loader", own)
            shutil.rmtree(self._folder, ignore_errors=True)
        return lent

    def _make(self, service: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        version, model = cut(service)
        with whole.folder(self._folder / service) as draft:
            path = draft / version / f"{_KIND}.json"
            path.parent.mkdir()
            path.write_text(json.dumps(model, separators=(",", ":")), "utf-8")
            path.with_name(f"{_KIND}.sdk-extras.json").write_text('{"version": 1.0, "merge": {}}', "utf-8")
        endpoints = self._folder / f"{_ENDPOINTS}.json"
        if not endpoints.exists():  # they are those of all services
            whole.write(endpoints, json.dumps(cut_endpoints(), separators=(",", ":")).encode())


def cut(service: str) -> tuple[str, dict[str, Any]]:
    """The API version and the model of a service, with our operations, the shapes these need, and no words."""
    loader = botocore.loaders.Loader()
    version = loader.determine_latest_version(service, _KIND)
    model: dict[str, Any] = loader.load_service_model(service, _KIND, version)  # with botocore's own additions
    operations = {name: _silent(model["operations"][name]) for name in OPERATIONS[service]}
    shapes: dict[str, Any] = {}
    parts: list[Any] = list(operations.values())
    while parts:
        part = parts.pop()
        if not isinstance(part, dict | list):
            continue
        name = part.get("shape") if isinstance(part, dict) else None
        if isinstance(name, str) and name not in shapes:
            shapes[name] = _silent(model["shapes"][name])
            parts.append(shapes[name])
        parts += part.values() if isinstance(part, dict) else part
    return version, {"metadata": model["metadata"], "operations": operations, "shapes": shapes}


def cut_endpoints() -> dict[str, Any]:
    """The partitions of AWS, with our services' endpoints."""
    found: dict[str, Any] = botocore.loaders.Loader().load_data(_ENDPOINTS)
    partitions = [
        {**each, "services": {name: said for name, said in each["services"].items() if name in _PREFIXES}}
        for each in found["partitions"]
    ]
    return {**found, "partitions": partitions}


def _silent(part: Any) -> Any:
    """A part of a model without its documentation."""
    if isinstance(part, dict):
        return {
            key: _silent(value)
            for key, value in part.items()
            if key != "documentation" or not isinstance(value, str)
        }
    return [_silent(each) for each in part] if isinstance(part, list) else part
