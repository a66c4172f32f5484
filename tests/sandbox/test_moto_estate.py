"""What moto lacks or has wrong of networks and of the services that the sandbox answers itself.

When one of these fails after an update of moto, look whether our part can go.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import boto3_session

Of = Callable[[str], Any]


@pytest.fixture
def of() -> Iterator[Of]:
    """The client of a service of moto as it comes."""
    with import_module("moto").mock_aws():
        yield cache(boto3_session("x", "x", region="eu-west-1").client)


def subnets(of: Of) -> list[str]:
    return [each["SubnetId"] for each in of("ec2").describe_subnets()["Subnets"]]


def test_what_we_call_is_there() -> None:
    for module, names in {
        "moto.core.parse": ["PROTOCOL_PARSERS"],
        "moto.core.request": ["Request", "determine_request_protocol"],
        "moto.core.routing": ["get_service_router"],
        "moto.core.serialize": ["get_serializer_class"],
        "moto.core.utils": ["get_service_model"],
        "moto.iam.models": ["get_account_id_from"],
    }.items():
        assert [name for name in names if not hasattr(import_module(module), name)] == []
    assert list(import_module("moto.autoscaling.urls").url_paths) == ["{0}/$"]
    # by which an engine of DocumentDB, and the hosts of all, get into moto's resources
    rds = import_module("moto.rds.models")
    assert [isinstance(getattr(rds.DBCluster, name), property) for name in ("endpoint", "reader_endpoint")]


def test_networks(of: Of) -> None:
    ec2 = of("ec2")
    assert len(ec2.describe_managed_prefix_lists(MaxResults=1)["PrefixLists"]) > 1  # AWS: one, and a token
    some = [{"Name": "prefix-list-name", "Values": ["com.*"]}]
    assert ec2.describe_managed_prefix_lists(Filters=some)["PrefixLists"] == []  # AWS: wildcards everywhere
    unknown = "pl-0123456789abcdef0"
    assert ec2.get_managed_prefix_list_entries(PrefixListId=unknown)["Entries"] == []  # AWS: NotFound
    assert ec2.describe_managed_prefix_lists(PrefixListIds=[unknown])["PrefixLists"] == []  # AWS: NotFound
    with pytest.raises(KeyError):  # AWS: InvalidParameterValue
        ec2.describe_security_group_rules(Filters=[{"Name": "colour", "Values": ["red"]}])
    vpcs = [ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in range(6)]
    assert "NextToken" not in ec2.describe_vpcs(MaxResults=5)  # AWS: for the seventh
    ec2.create_vpc_peering_connection(VpcId=vpcs[0], PeerVpcId=vpcs[1])
    none = [{"Name": "status-code", "Values": ["deleted"]}]
    assert len(ec2.describe_vpc_peering_connections(Filters=none)["VpcPeeringConnections"]) == 1  # AWS: 0


def test_auto_scaling(of: Of) -> None:
    # AWS: 50 at most
    assert of("autoscaling").describe_auto_scaling_instances(MaxRecords=1000)["AutoScalingInstances"] == []


def test_databases(of: Of) -> None:
    rds, login = of("rds"), {"MasterUsername": "me", "MasterUserPassword": "password"}
    with pytest.raises(ClientError, match="Engine 'docdb' is not supported"):
        of("docdb").create_db_cluster(DBClusterIdentifier="d", Engine="docdb", **login)
    graph = of("neptune").create_db_cluster(DBClusterIdentifier="n", Engine="neptune")["DBCluster"]
    assert graph["Endpoint"].endswith(".rds.amazonaws.com")  # AWS: neptune
    made = {"EngineFamily": "POSTGRESQL", "Auth": [], "RoleArn": "arn:aws:iam::123456789012:role/x"}
    for number in range(21):
        rds.create_db_proxy(DBProxyName=f"p{number}", VpcSubnetIds=subnets(of), **made)
    proxies = rds.describe_db_proxies(MaxRecords=20)["DBProxies"]
    assert len(proxies) == 21  # AWS: 20, and a Marker
    assert ".db-proxy-" in proxies[0]["Endpoint"]  # AWS: proxy-, and the account's twelve characters
    with pytest.raises(NotImplementedError):
        rds.describe_db_proxy_endpoints()


def test_caches(of: Of) -> None:
    elasticache = of("elasticache")
    elasticache.create_cache_cluster(
        CacheClusterId="m", Engine="memcached", NumCacheNodes=2, CacheNodeType="cache.t3.micro"
    )
    [found] = elasticache.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    assert {"CacheNodes", "ConfigurationEndpoint", "SecurityGroups"}.isdisjoint(found)
    group = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "redis"}
    elasticache.create_replication_group(**group, NumNodeGroups=2, ReplicasPerNodeGroup=1, ClusterMode="enabled")
    [told] = elasticache.describe_replication_groups()["ReplicationGroups"]
    assert ".use1." in told["ConfigurationEndpoint"]["Address"]  # AWS: the region's
    with pytest.raises(NotImplementedError):
        elasticache.describe_serverless_caches()


def test_memorydb(of: Of) -> None:
    memory = of("memorydb")
    memory.create_subnet_group(SubnetGroupName="s", SubnetIds=subnets(of))
    memory.create_cluster(ClusterName="c", NodeType="db.r7g.large", ACLName="open-access", SubnetGroupName="s")
    [found] = memory.describe_clusters()["Clusters"]
    assert "SecurityGroups" not in found


def test_warehouses(of: Of) -> None:
    redshift = of("redshift")
    for number in range(21):
        redshift.create_cluster(
            ClusterIdentifier=f"w{number}",
            NodeType="ra3.large",
            MasterUsername="me",
            MasterUserPassword="Password1",
        )
    found = redshift.describe_clusters(MaxRecords=20)["Clusters"]
    assert len(found) == 21  # AWS: 20, and a Marker
    assert len({each["Endpoint"]["Address"].split(".")[1] for each in found}) > 1  # AWS: one for an account
    with pytest.raises(ClientError, match="Not yet implemented"):
        of("redshift-serverless").list_workgroups()


def test_search(of: Of) -> None:
    opensearch = of("opensearch")
    opensearch.create_domain(DomainName="search", VPCOptions={"SubnetIds": subnets(of)[:1]})
    found = opensearch.describe_domains(DomainNames=["search"] * 6)["DomainStatusList"]
    assert len(found) == 6  # AWS: five at most
    assert found[0]["Endpoints"] == {"vpc": "search.eu-west-1.es.amazonaws.com"}  # AWS: vpc-search-…
    assert "VPCId" not in found[0]["VPCOptions"]


def test_brokers(of: Of) -> None:
    kafka, mq = of("kafka"), of("mq")
    nodes = {"ClientSubnets": subnets(of), "InstanceType": "kafka.m7g.large"}
    made = {"BrokerNodeGroupInfo": nodes, "KafkaVersion": "3.8", "NumberOfBrokerNodes": 3}
    arn = kafka.create_cluster_v2(ClusterName="e", Provisioned=made)["ClusterArn"]
    assert kafka.list_clusters_v2()["ClusterInfoList"][0]["State"] == "CREATING"  # and stays so
    with pytest.raises(NotImplementedError):
        kafka.get_bootstrap_brokers(ClusterArn=arn)
    broker = mq.create_broker(
        BrokerName="jobs",
        DeploymentMode="SINGLE_INSTANCE",
        EngineType="RABBITMQ",
        EngineVersion="3.13",
        HostInstanceType="mq.m5.large",
        PubliclyAccessible=False,
        Users=[{"Username": "a", "Password": "abcdefghijkl"}],
    )["BrokerId"]
    [instance] = mq.describe_broker(BrokerId=broker)["BrokerInstances"]
    assert instance["Endpoints"] == ["amqps://mockmq:5671"]


def test_clusters_and_balancers(of: Of) -> None:
    eks, elbv2 = of("eks"), of("elbv2")
    eks.create_cluster(
        name="p", roleArn="arn:aws:iam::123456789012:role/x", resourcesVpcConfig={"subnetIds": subnets(of)}
    )
    found = eks.describe_cluster(name="p")["cluster"]
    assert {"vpcId", "clusterSecurityGroupId"}.isdisjoint(found["resourcesVpcConfig"])
    padded = found["certificateAuthority"]["data"] + "==="
    assert b"CERTIFICATE" not in base64.b64decode(padded)
    made = elbv2.create_load_balancer(Name="internal-api", Subnets=subnets(of)[:2], Scheme="internal")
    [balancer] = made["LoadBalancers"]
    assert balancer["DNSName"] == "internal-api-1.eu-west-1.elb.amazonaws.com"  # AWS: internal-internal-api-…
