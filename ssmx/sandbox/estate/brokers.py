"""What carries messages: the Kafka cluster `events` of MSK, and the RabbitMQ `jobs` of Amazon MQ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ssmx.sandbox.estate.listing import Item, Listing, Missing, Operations, Pages, one
from ssmx.sandbox.estate.private import Network, Private, identity, suffix
from ssmx.sandbox.refusal import Refused
from ssmx.sandbox.roster import ACCOUNT, REGION

_TLS_PORT, _IAM_PORT, _AMQP_PORT = 9094, 9098, 5671
_BROKERS = 3
_SINCE = datetime(2026, 1, 20, 14, 5, tzinfo=UTC)
_MSK_PAGES = Pages("MaxResults", "NextToken", "NextToken", least=1, wrong="BadRequestException")
_MQ_PAGES = Pages("MaxResults", "NextToken", "NextToken", default=20, least=5, wrong="BadRequestException")


def _uuid(name: str) -> str:
    digits = identity("brokers", name, length=32)
    return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "9" + digits[17:20], digits[20:]))


_EVENTS = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/events/{_uuid('events')}-2"
_JOBS = f"b-{_uuid('jobs')}"


def services(private: Private | None) -> Mapping[str, Operations]:
    """The operations of MSK and MQ; nothing is there where there is no `private`."""
    return {"kafka": _kafka(private.prod if private else None), "mq": _mq(private.prod if private else None)}


def _kafka(prod: Network | None) -> Operations:
    every = Listing(
        "ClusterInfoList",
        [_events(prod)] if prod else [],
        _MSK_PAGES,
        {"ClusterArn": "ClusterArn"},
        Missing("NotFoundException", "The cluster '{}' does not exist.", 404),
    )

    def listed(parameters: Mapping[str, Any]) -> dict[str, Any]:
        start, kind = parameters.get("ClusterNameFilter") or "", parameters.get("ClusterTypeFilter")
        found = [each for each in every.items if str(each["ClusterName"]).startswith(start)]
        return every.cut([each for each in found if not kind or each["ClusterType"] == kind.upper()], parameters)

    def bootstrap(parameters: Mapping[str, Any]) -> dict[str, Any]:
        every.narrowed({"ClusterArn": parameters["ClusterArn"]})
        return {
            "BootstrapBrokerStringTls": _bootstrap(_TLS_PORT),
            "BootstrapBrokerStringSaslIam": _bootstrap(_IAM_PORT),
        }

    return {
        "ListClustersV2": listed,
        "DescribeClusterV2": one(every, "ClusterArn", "ClusterInfo"),
        "GetBootstrapBrokers": bootstrap,
    }


def _bootstrap(port: int) -> str:
    domain = f"events.{suffix()}.c2.kafka.{REGION}.amazonaws.com"
    return ",".join(f"b-{number}.{domain}:{port}" for number in range(1, _BROKERS + 1))


def _events(prod: Network) -> Item:
    return {
        "ActiveOperationArn": None,
        "ClusterArn": _EVENTS,
        "ClusterName": "events",
        "ClusterType": "PROVISIONED",
        "CreationTime": _SINCE,
        "CurrentVersion": "K3P5ROKL5A1OLE",
        "State": "ACTIVE",
        "Tags": {"Team": "analytics", "Env": "prod"},
        "Provisioned": {
            "BrokerNodeGroupInfo": {
                "BrokerAZDistribution": "DEFAULT",
                "ClientSubnets": list(prod.subnets.values()),
                "InstanceType": "kafka.m7g.large",
                "SecurityGroups": [prod.groups["internal"]],
                "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 1000}},
            },
            "CurrentBrokerSoftwareInfo": {"KafkaVersion": "3.8.x"},
            "ClientAuthentication": {
                "Sasl": {"Iam": {"Enabled": True}, "Scram": {"Enabled": False}},
                "Unauthenticated": {"Enabled": True},
            },
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS", "InCluster": True}},
            "EnhancedMonitoring": "DEFAULT",
            "NumberOfBrokerNodes": _BROKERS,
        },
    }


def _mq(prod: Network | None) -> Operations:
    found = [_jobs(prod)] if prod else []
    summary = ("BrokerArn", "BrokerId", "BrokerName", "BrokerState", "Created", "DeploymentMode", "EngineType")
    short = [{name: each[name] for name in (*summary, "HostInstanceType")} for each in found]

    def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
        for each in found:
            if parameters["BrokerId"] in (each["BrokerId"], each["BrokerName"], each["BrokerArn"]):
                return dict(each)
        text = f"Can't find requested broker [{parameters['BrokerId']}]. Make sure your broker exists."
        raise Refused("NotFoundException", text, 404)

    return {"ListBrokers": Listing("BrokerSummaries", short, _MQ_PAGES), "DescribeBroker": describe}


def _jobs(prod: Network) -> Item:
    host = f"{_JOBS}.mq.{REGION}.amazonaws.com"
    return {
        "BrokerArn": f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:jobs:{_JOBS}",
        "BrokerId": _JOBS,
        "BrokerName": "jobs",
        "BrokerState": "RUNNING",
        "BrokerInstances": [{"ConsoleURL": f"https://{host}", "Endpoints": [f"amqps://{host}:{_AMQP_PORT}"]}],
        "AuthenticationStrategy": "SIMPLE",
        "AutoMinorVersionUpgrade": True,
        "Created": _SINCE,
        "DeploymentMode": "SINGLE_INSTANCE",
        "EngineType": "RABBITMQ",
        "EngineVersion": "3.13",
        "HostInstanceType": "mq.m5.large",
        "PubliclyAccessible": False,
        "SecurityGroups": [prod.groups["internal"]],
        "StorageType": "EBS",
        "SubnetIds": [next(iter(prod.subnets.values()))],
        "Tags": {"Team": "platform", "Env": "prod"},
    }
