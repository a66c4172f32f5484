"""Load balancers: `internal-api` and `internal-tcp` are reached in the VPC of prod, `shop` from everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ssmx.sandbox.estate.listing import Item, Listing, Missing, Operations, Pages
from ssmx.sandbox.estate.private import Network, Private, identity
from ssmx.sandbox.refusal import Refused
from ssmx.sandbox.roster import ACCOUNT, REGION

_SINCE = datetime(2026, 5, 19, 10, 45, tzinfo=UTC)
_PAGES = Pages("PageSize", "Marker", "NextMarker", default=400, least=1, most=400, wrong="ValidationError")
_ZONE_ID = {"application": "Z32O12XQLNTSW2", "network": "Z2IFOLAFXWLO4F"}


@dataclass(frozen=True, slots=True)
class _Balancer:
    name: str
    kind: str  # application or network
    team: str
    listeners: tuple[tuple[str, int], ...]
    internal: bool = True

    @property
    def arn(self) -> str:
        short = {"application": "app", "network": "net"}[self.kind]
        number = identity("elb", self.name, length=16)
        return f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/{short}/{self.name}/{number}"

    @property
    def host(self) -> str:
        if self.kind == "network":
            return f"{self.name}-{identity('elb', self.name, length=16)}.elb.{REGION}.amazonaws.com"
        start = f"internal-{self.name}" if self.internal else self.name
        return f"{start}-{identity('elb', self.name, length=10, letters='123456789')}.{REGION}.elb.amazonaws.com"


_API = _Balancer("internal-api", "application", "platform", (("HTTP", 80), ("HTTPS", 443)))
_EVERY = (
    _API,
    _Balancer("internal-tcp", "network", "platform", (("TCP", 6379),)),
    _Balancer("shop", "application", "storefront", (("HTTPS", 443),), internal=False),
)


def api_host() -> str:
    """The name of `internal-api`."""
    return _API.host


def services(private: Private | None) -> Mapping[str, Operations]:
    """The operations of Elastic Load Balancing v2; nothing is there where there is no `private`."""
    prod = private.prod if private else None
    found = [_balancer(each, prod) for each in _EVERY] if prod else []
    lost = Missing("LoadBalancerNotFound", "Load balancers '[{}]' not found")
    names = {"LoadBalancerArns": "LoadBalancerArn", "Names": "LoadBalancerName"}
    balancers = Listing("LoadBalancers", found, _PAGES, names, lost)
    by_arn = Listing("LoadBalancers", found, _PAGES, {"LoadBalancerArn": "LoadBalancerArn"}, lost)
    listeners = Listing(
        "Listeners",
        [_listener(each, *listener) for each in _EVERY for listener in each.listeners] if prod else [],
        _PAGES,
        {"LoadBalancerArn": "LoadBalancerArn", "ListenerArns": "ListenerArn"},
        Missing("ListenerNotFound", "One or more listeners not found"),
    )

    def listen(parameters: Mapping[str, Any]) -> dict[str, Any]:
        if not parameters.get("LoadBalancerArn") and not parameters.get("ListenerArns"):
            raise Refused("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
        by_arn.narrowed(parameters)
        return listeners(parameters)

    def tags(parameters: Mapping[str, Any]) -> dict[str, Any]:
        of = {each.arn: each for each in _EVERY} if prod else {}
        unknown = [arn for arn in parameters["ResourceArns"] if arn not in of]
        if unknown:
            raise Refused(lost.code, lost.text.format(", ".join(unknown)))
        return {"TagDescriptions": [_tags(of[arn]) for arn in parameters["ResourceArns"]]}

    return {
        "elbv2": {"DescribeLoadBalancers": balancers, "DescribeListeners": listen, "DescribeTags": tags},
    }


def _balancer(each: _Balancer, prod: Network) -> Item:
    return {
        "LoadBalancerArn": each.arn,
        "DNSName": each.host,
        "CanonicalHostedZoneId": _ZONE_ID[each.kind],
        "CreatedTime": _SINCE,
        "LoadBalancerName": each.name,
        "Scheme": "internal" if each.internal else "internet-facing",
        "VpcId": prod.vpc,
        "State": {"Code": "active"},
        "Type": each.kind,
        "AvailabilityZones": [
            {"ZoneName": f"{REGION}{zone}", "SubnetId": subnet, "LoadBalancerAddresses": []}
            for zone, subnet in prod.subnets.items()
        ],
        "SecurityGroups": [prod.groups["internal"]],
        "IpAddressType": "ipv4",
    }


def _listener(each: _Balancer, protocol: str, port: int) -> Item:
    number = identity("elb", each.name, protocol, length=16)
    target = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{each.name}/{number}"
    told: dict[str, Any] = {
        "ListenerArn": f"{each.arn.replace(':loadbalancer/', ':listener/')}/{number}",
        "LoadBalancerArn": each.arn,
        "Port": port,
        "Protocol": protocol,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": target}],
    }
    if protocol == "HTTPS":
        digits = identity("acm", each.name, length=32)
        number = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        told["Certificates"] = [{"CertificateArn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{number}"}]
        told["SslPolicy"] = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    return told


def _tags(each: _Balancer) -> Item:
    tags = {"Name": each.name, "Team": each.team, "Env": "prod"}
    return {"ResourceArn": each.arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
