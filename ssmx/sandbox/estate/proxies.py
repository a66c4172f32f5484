"""RDS Proxy: `payments-proxy` before payments-prod, which lets nobody in without a token.

moto has proxies without the names of AWS's hosts, and no endpoints of them: those are kept here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.rds.models import rds_backends

from ssmx.sandbox.estate.databases import suffix
from ssmx.sandbox.estate.private import Network, identity
from ssmx.sandbox.roster import ACCOUNT, REGION

_NAME = "payments-proxy"
_TARGET = "payments-prod"
_ROLE = "READ_ONLY"
_TAGS = [{"Key": "Team", "Value": "payments"}, {"Key": "Env", "Value": "prod"}]
# its endpoints beside the default one: their proxies
_CUSTOM = {"payments-proxy-ro": _NAME}


def seed(prod: Network) -> None:
    """Create the proxy, behind the group of its database."""
    rds = rds_backends[ACCOUNT][REGION]
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:payments/app-Xq7ZpL"
    rds.create_db_proxy(
        _NAME,
        "POSTGRESQL",
        [
            {
                "AuthScheme": "SECRETS",
                "SecretArn": secret,
                "IAMAuth": "REQUIRED",
                "ClientPasswordAuthType": "POSTGRES_SCRAM_SHA_256",
            }
        ],
        f"arn:aws:iam::{ACCOUNT}:role/payments-proxy",
        list(prod.subnets.values()),
        [prod.groups["database"]],
        True,
        1800,
        False,
        _TAGS,
    )
    rds.register_db_proxy_targets(
        db_proxy_name=_NAME,
        target_group_name="default",
        db_cluster_identifiers=[],
        db_instance_identifiers=[_TARGET],
    )


def host(proxy: Any) -> str:
    """The name of the default endpoint of one of moto's proxies."""
    return f"{proxy.db_proxy_name}.{_domain(proxy)}"


def endpoints(proxy: Any) -> Iterator[Mapping[str, Any]]:
    """The endpoints of one of moto's proxies, as DescribeDBProxyEndpoints tells them."""
    known = {
        "DBProxyName": proxy.db_proxy_name,
        "Status": "available",
        "VpcId": proxy.vpc_id,
        "VpcSecurityGroupIds": proxy.vpc_security_group_ids,
        "VpcSubnetIds": proxy.vpc_subnet_ids,
        "CreatedDate": proxy.created_date,
    }
    default = {"DBProxyEndpointName": "default", "TargetRole": "READ_WRITE", "IsDefault": True}
    yield {**known, **default, "DBProxyEndpointArn": _arn(proxy, "default"), "Endpoint": host(proxy)}
    for name, owner in _CUSTOM.items():
        if (proxy.account_id, proxy.region, proxy.db_proxy_name) == (ACCOUNT, REGION, owner):
            yield {
                **known,
                "DBProxyEndpointName": name,
                "DBProxyEndpointArn": _arn(proxy, name),
                "Endpoint": f"{name}.endpoint.{_domain(proxy)}",
                "TargetRole": _ROLE,
                "IsDefault": False,
            }


def target(name: str) -> str:
    """The instance that a proxy of the account leads to by this host name; empty where there is none."""
    for proxy in list(rds_backends[ACCOUNT][REGION].db_proxies.values()):
        if proxy.db_proxy_name == _NAME and any(each["Endpoint"] == name for each in endpoints(proxy)):
            return _TARGET
    return ""


def hosts() -> list[str]:
    """The names of all endpoints of the account's proxies."""
    every = list(rds_backends[ACCOUNT][REGION].db_proxies.values())
    return [str(each["Endpoint"]) for proxy in every for each in endpoints(proxy)]


def _domain(proxy: Any) -> str:
    return f"proxy-{suffix(proxy.account_id, proxy.region)}.{proxy.region}.rds.amazonaws.com"


def _arn(proxy: Any, name: str) -> str:
    number = identity("proxy", str(proxy.db_proxy_name), name, length=17)
    return f"arn:aws:rds:{proxy.region}:{proxy.account_id}:db-proxy-endpoint:prx-endpoint-{number}"
