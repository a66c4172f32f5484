"""ElastiCache and MemoryDB: a primary with a reader, two clusters in shards, a Memcached, one without servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ssmx.sandbox.estate.listing import Item, Listing, Missing, Operation, Operations, Pages
from ssmx.sandbox.estate.private import Network, Private, suffix
from ssmx.sandbox.roster import ACCOUNT, REGION, ZONES

REDIS_PORT = 6379
_READER_PORT = 6380  # of a serverless cache, at the same host
_MEMCACHED_PORT = 11211
_SUBNETS = "prod-caches"
_DOMAIN = f"{suffix()}.{REGION[:2]}{REGION[3]}{REGION[-1]}.cache.amazonaws.com"  # euw1
_SINCE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_TOKENS = Pages("MaxResults", "NextToken", "NextToken", default=50, least=1, most=50)
_MEMORY_PAGES = Pages("MaxResults", "NextToken", "NextToken", least=1, wrong="InvalidParameterValueException")
_NODE_TYPE = "cache.r7g.large"


def session_hosts() -> list[str]:
    """The names of the primary and of the reader of `sessions`."""
    return [f"master.sessions.{_DOMAIN}", f"replica.sessions.{_DOMAIN}"]


def services(private: Private | None) -> Mapping[str, Operations]:
    """The operations of ElastiCache and MemoryDB; nothing is there where there is no `private`."""
    prod = private.prod if private else None
    nodes = Listing(
        "CacheClusters",
        [*_members("sessions", _single_names(), prod), *_members("feeds", _shard_names(), prod), _pages(prod)]
        if prod
        else [],
        Pages(),
        {"CacheClusterId": "CacheClusterId"},
        Missing("CacheClusterNotFound", "CacheCluster {} not found.", 404),
    )
    return {
        "elasticache": {
            "DescribeReplicationGroups": Listing(
                "ReplicationGroups",
                [_sessions(), _feeds()] if prod else [],
                Pages(),
                {"ReplicationGroupId": "ReplicationGroupId"},
                Missing("ReplicationGroupNotFoundFault", "ReplicationGroup {} not found.", 404),
            ),
            "DescribeCacheClusters": _described(nodes),
            "DescribeServerlessCaches": Listing(
                "ServerlessCaches",
                [_tokens(prod)] if prod else [],
                _TOKENS,
                {"ServerlessCacheName": "ServerlessCacheName"},
                Missing("ServerlessCacheNotFoundFault", "ServerlessCache {} not found.", 404),
            ),
            "DescribeCacheSubnetGroups": Listing(
                "CacheSubnetGroups",
                [_subnet_group(prod)] if prod else [],
                Pages(),
                {"CacheSubnetGroupName": "CacheSubnetGroupName"},
                Missing("CacheSubnetGroupNotFoundFault", "CacheSubnetGroup {} not found."),
            ),
        },
        "memorydb": _memory(prod),
    }


def _described(nodes: Listing) -> Operation:
    def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
        found = nodes.narrowed(parameters)
        if parameters.get("ShowCacheClustersNotInReplicationGroups"):
            found = [each for each in found if "ReplicationGroupId" not in each]
        if not parameters.get("ShowCacheNodeInfo"):
            found = [{name: value for name, value in each.items() if name != "CacheNodes"} for each in found]
        return nodes.cut(found, parameters)

    return describe


def _single_names() -> dict[str, str]:
    return {"sessions-001": "0001", "sessions-002": "0001"}


def _shard_names() -> dict[str, str]:
    """The nodes of `feeds` and their shards."""
    return {f"feeds-{shard}-{node}": shard for shard in ("0001", "0002") for node in ("001", "002")}


def _sessions() -> Item:
    primary, reader = session_hosts()
    members = [
        {**_member("sessions", name, position), "CurrentRole": "replica" if position else "primary"}
        for position, name in enumerate(_single_names())
    ]
    group = {
        "NodeGroupId": "0001",
        "Status": "available",
        "PrimaryEndpoint": {"Address": primary, "Port": REDIS_PORT},
        "ReaderEndpoint": {"Address": reader, "Port": REDIS_PORT},
        "NodeGroupMembers": members,
    }
    return {
        **_group("sessions", "sessions of the shop", list(_single_names())),
        "NodeGroups": [group],
        "ClusterEnabled": False,
        "ClusterMode": "disabled",
        "SnapshottingClusterId": "sessions-002",
    }


def _feeds() -> Item:
    shards = []
    for shard, slots in (("0001", "0-8191"), ("0002", "8192-16383")):
        names = [name for name, of in _shard_names().items() if of == shard]
        members = [_member("feeds", name, position) for position, name in enumerate(names)]
        shards.append({"NodeGroupId": shard, "Status": "available", "Slots": slots, "NodeGroupMembers": members})
    return {
        **_group("feeds", "feeds in shards", list(_shard_names())),
        "NodeGroups": shards,
        "ClusterEnabled": True,
        "ClusterMode": "enabled",
        "ConfigurationEndpoint": {"Address": f"clustercfg.feeds.{_DOMAIN}", "Port": REDIS_PORT},
    }


def _group(name: str, text: str, members: list[str]) -> dict[str, Any]:
    return {
        "ReplicationGroupId": name,
        "Description": text,
        "Status": "available",
        "PendingModifiedValues": {},
        "MemberClusters": members,
        "AutomaticFailover": "enabled",
        "MultiAZ": "enabled",
        "CacheNodeType": _NODE_TYPE,
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "ARN": f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:{name}",
        "ReplicationGroupCreateTime": _SINCE,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "Engine": "valkey",
    }


def _member(group: str, name: str, position: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "CacheClusterId": name,
        "CacheNodeId": "0001",
        "PreferredAvailabilityZone": _zone(position),
    }
    if group == "sessions":  # AWS tells no endpoints of the members of a group in shards
        told["ReadEndpoint"] = {"Address": f"{name}.{group}.{_DOMAIN}", "Port": REDIS_PORT}
    return told


def _zone(position: int) -> str:
    return f"{REGION}{ZONES[position % len(ZONES)]}"


def _members(group: str, names: Mapping[str, str], prod: Network) -> list[Item]:
    return [
        {
            **_cluster(name, "valkey", "8.0.1", prod.groups["cache"]),
            "ReplicationGroupId": group,
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": _zone(position),
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
            "AtRestEncryptionEnabled": True,
            "CacheNodes": [_node("0001", f"{name}.{group}.{_DOMAIN}", REDIS_PORT, _zone(position))],
        }
        for position, name in enumerate(names)
    ]


def _pages(prod: Network) -> Item:
    numbers = ("0001", "0002")
    return {
        **_cluster("pages", "memcached", "1.6.22", prod.groups["internal"]),
        "NumCacheNodes": len(numbers),
        "PreferredAvailabilityZone": "Multiple",
        "ConfigurationEndpoint": {
            "Address": f"pages.{_DOMAIN.replace('.', '.cfg.', 1)}",
            "Port": _MEMCACHED_PORT,
        },
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": False,
        "CacheNodes": [
            _node(number, f"pages.{_DOMAIN.replace('.', f'.{number}.', 1)}", _MEMCACHED_PORT, _zone(position))
            for position, number in enumerate(numbers)
        ],
    }


def _cluster(name: str, engine: str, version: str, group: str) -> dict[str, Any]:
    return {
        "CacheClusterId": name,
        "CacheNodeType": _NODE_TYPE,
        "Engine": engine,
        "EngineVersion": version,
        "CacheClusterStatus": "available",
        "CacheClusterCreateTime": _SINCE,
        "PendingModifiedValues": {},
        "CacheSecurityGroups": [],
        "CacheSubnetGroupName": _SUBNETS,
        "AutoMinorVersionUpgrade": True,
        "SecurityGroups": [{"SecurityGroupId": group, "Status": "active"}],
        "AuthTokenEnabled": False,
        "ARN": f"arn:aws:elasticache:{REGION}:{ACCOUNT}:cluster:{name}",
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    }


def _node(number: str, host: str, port: int, zone: str) -> dict[str, Any]:
    return {
        "CacheNodeId": number,
        "CacheNodeStatus": "available",
        "CacheNodeCreateTime": _SINCE,
        "Endpoint": {"Address": host, "Port": port},
        "ParameterGroupStatus": "in-sync",
        "CustomerAvailabilityZone": zone,
    }


def _tokens(prod: Network) -> Item:
    host = f"tokens-{suffix()}.serverless.{_DOMAIN.partition('.')[2]}"
    return {
        "ServerlessCacheName": "tokens",
        "Description": "one-time tokens",
        "CreateTime": _SINCE,
        "Status": "available",
        "Engine": "valkey",
        "MajorEngineVersion": "8",
        "FullEngineVersion": "8.0",
        "SecurityGroupIds": [prod.groups["cache"]],
        "Endpoint": {"Address": host, "Port": REDIS_PORT},
        "ReaderEndpoint": {"Address": host, "Port": _READER_PORT},
        "ARN": f"arn:aws:elasticache:{REGION}:{ACCOUNT}:serverlesscache:tokens",
        "SubnetIds": list(prod.subnets.values()),
    }


def _subnet_group(prod: Network) -> Item:
    return {
        "CacheSubnetGroupName": _SUBNETS,
        "CacheSubnetGroupDescription": "private subnets of prod",
        "VpcId": prod.vpc,
        "Subnets": _placed(prod),
        "ARN": f"arn:aws:elasticache:{REGION}:{ACCOUNT}:subnetgroup:{_SUBNETS}",
        "SupportedNetworkTypes": ["ipv4"],
    }


def _placed(network: Network) -> list[dict[str, Any]]:
    return [
        {"SubnetIdentifier": subnet, "SubnetAvailabilityZone": {"Name": f"{REGION}{zone}"}}
        for zone, subnet in network.subnets.items()
    ]


def _memory(prod: Network | None) -> Operations:
    found = [_carts(prod)] if prod else []
    clusters = Listing(
        "Clusters",
        found,
        _MEMORY_PAGES,
        {"ClusterName": "Name"},
        Missing("ClusterNotFoundFault", "Cluster {} not found.", 404),
    )

    def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
        told = clusters.narrowed(parameters)
        if not parameters.get("ShowShardDetails"):
            told = [{name: value for name, value in each.items() if name != "Shards"} for each in told]
        return clusters.cut(told, parameters)

    return {
        "DescribeClusters": describe,
        "DescribeSubnetGroups": Listing(
            "SubnetGroups",
            [_memory_subnets(prod)] if prod else [],
            _MEMORY_PAGES,
            {"SubnetGroupName": "Name"},
            Missing("SubnetGroupNotFoundFault", "SubnetGroup {} not found.", 404),
        ),
    }


def _carts(prod: Network) -> Item:
    domain = f"carts.{suffix()}.memorydb.{REGION}.amazonaws.com"
    shards = [
        {
            "Name": shard,
            "Status": "available",
            "Slots": slots,
            "NumberOfNodes": 2,
            "Nodes": [
                {
                    "Name": f"carts-{shard}-{number}",
                    "Status": "available",
                    "AvailabilityZone": _zone(position),
                    "CreateTime": _SINCE,
                    "Endpoint": {"Address": f"carts-{shard}-{number}.{domain}", "Port": REDIS_PORT},
                }
                for position, number in enumerate(("001", "002"))
            ],
        }
        for shard, slots in (("0001", "0-8191"), ("0002", "8192-16383"))
    ]
    return {
        "Name": "carts",
        "Description": "carts of the shop",
        "Status": "available",
        "NumberOfShards": len(shards),
        "Shards": shards,
        "AvailabilityMode": "multiaz",
        "ClusterEndpoint": {"Address": f"clustercfg.{domain}", "Port": REDIS_PORT},
        "NodeType": "db.r7g.large",
        "Engine": "valkey",
        "EngineVersion": "7.2",
        "EnginePatchVersion": "7.2.6",
        "ParameterGroupName": "default.memorydb-valkey7",
        "ParameterGroupStatus": "in-sync",
        "SecurityGroups": [{"SecurityGroupId": prod.groups["cache"], "Status": "active"}],
        "SubnetGroupName": "prod-memory",
        "TLSEnabled": True,
        "ARN": f"arn:aws:memorydb:{REGION}:{ACCOUNT}:cluster/carts",
        "ACLName": "open-access",
        "AutoMinorVersionUpgrade": True,
        "DataTiering": "false",
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    }


def _memory_subnets(prod: Network) -> Item:
    return {
        "Name": "prod-memory",
        "Description": "private subnets of prod",
        "VpcId": prod.vpc,
        "Subnets": [
            {"Identifier": each["SubnetIdentifier"], "AvailabilityZone": each["SubnetAvailabilityZone"]}
            for each in _placed(prod)
        ],
        "ARN": f"arn:aws:memorydb:{REGION}:{ACCOUNT}:subnetgroup/prod-memory",
    }
