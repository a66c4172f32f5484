"""What the services with private endpoints tell of themselves, through boto3."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from ssmx.sandbox.control import CA, Running

from .conftest import Client, client_of, refused

Of = Callable[[str], Client]


@pytest.fixture(scope="module")
def of(running: Running) -> Of:
    """The client of a service; each takes a tenth of a second to make."""
    return cache(lambda service: client_of(running, service))


@pytest.fixture(scope="module")
def vpcs(ec2: Client) -> dict[str, str]:
    found = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["prod", "data"]}])["Vpcs"]
    return {tag["Value"]: each["VpcId"] for each in found for tag in each["Tags"] if tag["Key"] == "Name"}


@pytest.fixture(scope="module")
def groups(ec2: Client) -> dict[str, str]:
    """The id of each security group: its name."""
    return {each["GroupId"]: each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]}


def named(groups: dict[str, str], told: list[Any]) -> list[str]:
    ids = [each if isinstance(each, str) else next(v for k, v in each.items() if "Id" in k) for each in told]
    return [groups[each] for each in ids]


# databases


@pytest.mark.parametrize("client", ["rds", "docdb", "neptune"])
@pytest.mark.parametrize(
    ("engine", "name", "port"), [("docdb", "profiles", 27017), ("neptune", "fraud-graph", 8182)]
)
def test_one_api_tells_of_the_databases_of_three_services(
    of: Of, groups: dict[str, str], client: str, engine: str, name: str, port: int
) -> None:
    only = [{"Name": "engine", "Values": [engine]}]
    [cluster] = of(client).describe_db_clusters(Filters=only)["DBClusters"]
    assert (cluster["DBClusterIdentifier"], cluster["Engine"], cluster["Port"]) == (name, engine, port)
    domain = rf"\.(cluster-|cluster-ro-)?c[0-9a-f]{{11}}\.eu-west-1\.{engine}\.amazonaws\.com"
    assert re.fullmatch(name + domain, cluster["Endpoint"])
    assert re.fullmatch(name + domain, cluster["ReaderEndpoint"])
    assert len(cluster["DBClusterMembers"]) == 2
    instances = of(client).describe_db_instances(Filters=only)["DBInstances"]
    assert [each["DBInstanceIdentifier"] for each in instances] == [f"{name}-1", f"{name}-2"]
    assert all(re.fullmatch(rf"{name}-\d" + domain, each["Endpoint"]["Address"]) for each in instances)
    assert {"docdb": ["prod-documents"], "neptune": ["prod-internal"]}[engine] == named(
        groups, cluster["VpcSecurityGroups"]
    )
    assert len(of(client).describe_db_clusters()["DBClusters"]) == 3


def test_a_proxy_has_an_endpoint_to_write_and_one_to_read(of: Of, groups: dict[str, str]) -> None:
    [proxy] = of("rds").describe_db_proxies()["DBProxies"]
    assert (proxy["DBProxyName"], proxy["EngineFamily"], proxy["RequireTLS"]) == (
        "payments-proxy",
        "POSTGRESQL",
        True,
    )
    assert [each["IAMAuth"] for each in proxy["Auth"]] == ["REQUIRED"]
    assert named(groups, proxy["VpcSecurityGroupIds"]) == ["prod-database"]
    ends = of("rds").describe_db_proxy_endpoints(DBProxyName="payments-proxy")["DBProxyEndpoints"]
    assert {each["DBProxyEndpointName"]: (each["TargetRole"], each["IsDefault"]) for each in ends} == {
        "default": ("READ_WRITE", True),
        "payments-proxy-ro": ("READ_ONLY", False),
    }
    domain = r"\.proxy-c[0-9a-f]{11}\.eu-west-1\.rds\.amazonaws\.com"
    assert ends[0]["Endpoint"] == proxy["Endpoint"]
    assert re.fullmatch("payments-proxy" + domain, proxy["Endpoint"])
    assert re.fullmatch(r"payments-proxy-ro\.endpoint" + domain, ends[1]["Endpoint"])


# caches


def test_a_replication_group_has_a_primary_and_a_reader(of: Of, groups: dict[str, str]) -> None:
    told = of("elasticache").describe_replication_groups()["ReplicationGroups"]
    sessions, feeds = told
    assert (sessions["ClusterEnabled"], sessions["TransitEncryptionEnabled"]) == (False, True)
    [shard] = sessions["NodeGroups"]
    domain = r"\.[0-9a-f]{6}\.euw1\.cache\.amazonaws\.com"
    assert re.fullmatch(r"master\.sessions" + domain, shard["PrimaryEndpoint"]["Address"])
    assert re.fullmatch(r"replica\.sessions" + domain, shard["ReaderEndpoint"]["Address"])
    assert (feeds["ClusterEnabled"], len(feeds["NodeGroups"])) == (True, 2)
    assert re.fullmatch(r"clustercfg\.feeds" + domain, feeds["ConfigurationEndpoint"]["Address"])
    assert not any("PrimaryEndpoint" in each for each in feeds["NodeGroups"])


def test_cache_clusters_have_nodes_where_they_are_asked_for(of: Of, vpcs: Any, groups: dict[str, str]) -> None:
    elasticache = of("elasticache")
    assert not any("CacheNodes" in each for each in elasticache.describe_cache_clusters()["CacheClusters"])
    every = elasticache.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    assert {each["CacheClusterId"]: each.get("ReplicationGroupId") for each in every} == {
        **dict.fromkeys(["sessions-001", "sessions-002"], "sessions"),
        **dict.fromkeys([f"feeds-{shard}-{n}" for shard in ("0001", "0002") for n in ("001", "002")], "feeds"),
        "pages": None,
    }
    assert named(groups, every[0]["SecurityGroups"]) == ["prod-cache"]
    [pages] = elasticache.describe_cache_clusters(
        ShowCacheNodeInfo=True, ShowCacheClustersNotInReplicationGroups=True
    )["CacheClusters"]
    assert (pages["Engine"], pages["ConfigurationEndpoint"]["Port"], len(pages["CacheNodes"])) == (
        "memcached",
        11211,
        2,
    )
    [subnets] = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=pages["CacheSubnetGroupName"])[
        "CacheSubnetGroups"
    ]
    assert subnets["VpcId"] == vpcs["prod"]


def test_a_serverless_cache_is_read_at_another_port(of: Of, groups: dict[str, str]) -> None:
    [tokens] = of("elasticache").describe_serverless_caches(ServerlessCacheName="tokens")["ServerlessCaches"]
    assert (tokens["Engine"], tokens["Endpoint"]["Port"], tokens["ReaderEndpoint"]["Port"]) == (
        "valkey",
        6379,
        6380,
    )
    assert re.fullmatch(
        r"tokens-[0-9a-f]{6}\.serverless\.euw1\.cache\.amazonaws\.com", tokens["Endpoint"]["Address"]
    )
    assert len(tokens["SubnetIds"]) == 3
    assert named(groups, tokens["SecurityGroupIds"]) == ["prod-cache"]


def test_memorydb_tells_shards_where_they_are_asked_for(of: Of, vpcs: Any, groups: dict[str, str]) -> None:
    [short] = of("memorydb").describe_clusters()["Clusters"]
    [carts] = of("memorydb").describe_clusters(ClusterName="carts", ShowShardDetails=True)["Clusters"]
    assert ("Shards" in short, len(carts["Shards"]), carts["TLSEnabled"]) == (False, 2, True)
    domain = r"\.carts\.[0-9a-f]{6}\.memorydb\.eu-west-1\.amazonaws\.com"
    assert re.fullmatch("clustercfg" + domain, carts["ClusterEndpoint"]["Address"])
    [subnets] = of("memorydb").describe_subnet_groups(SubnetGroupName=carts["SubnetGroupName"])["SubnetGroups"]
    assert subnets["VpcId"] == vpcs["prod"]
    assert named(groups, carts["SecurityGroups"]) == ["prod-cache"]


# warehouses, search, brokers, clusters, balancers


def test_the_warehouses_are_in_a_vpc_of_their_own(of: Of, vpcs: Any, groups: dict[str, str]) -> None:
    [cluster] = of("redshift").describe_clusters(ClusterIdentifier="WAREHOUSE")["Clusters"]
    assert (cluster["VpcId"], cluster["Endpoint"]["Port"]) == (vpcs["data"], 5439)
    assert re.fullmatch(r"warehouse\.c\w{11}\.eu-west-1\.redshift\.amazonaws\.com", cluster["Endpoint"]["Address"])
    assert named(groups, cluster["VpcSecurityGroups"]) == ["data-warehouse"]
    [workgroup] = of("redshift-serverless").list_workgroups()["workgroups"]
    assert workgroup["endpoint"]["address"] == "adhoc.123456789012.eu-west-1.redshift-serverless.amazonaws.com"
    assert [each["vpcId"] for each in workgroup["endpoint"]["vpcEndpoints"]] == [vpcs["data"]]
    assert of("redshift-serverless").get_workgroup(workgroupName="adhoc")["workgroup"] == workgroup


def test_a_search_domain_has_an_endpoint_in_its_vpc(of: Of, vpcs: Any, groups: dict[str, str]) -> None:
    names = [each["DomainName"] for each in of("opensearch").list_domain_names()["DomainNames"]]
    [domain] = of("opensearch").describe_domains(DomainNames=[*names, "nothing"])["DomainStatusList"]
    assert re.fullmatch(r"vpc-search-prod-[0-9a-z]{26}\.eu-west-1\.es\.amazonaws\.com", domain["Endpoints"]["vpc"])
    assert domain["VPCOptions"]["VPCId"] == vpcs["prod"]
    assert named(groups, domain["VPCOptions"]["SecurityGroupIds"]) == ["prod-search"]


def test_brokers_tell_where_they_are_reached(of: Of, groups: dict[str, str]) -> None:
    [events] = of("kafka").list_clusters_v2(ClusterNameFilter="ev")["ClusterInfoList"]
    assert of("kafka").list_clusters_v2(ClusterNameFilter="vents")["ClusterInfoList"] == []
    assert named(groups, events["Provisioned"]["BrokerNodeGroupInfo"]["SecurityGroups"]) == ["prod-internal"]
    told = of("kafka").get_bootstrap_brokers(ClusterArn=events["ClusterArn"])
    for key, port in (("BootstrapBrokerStringTls", 9094), ("BootstrapBrokerStringSaslIam", 9098)):
        assert len(told[key].split(",")) == 3
        assert all(
            re.fullmatch(rf"b-\d\.events\.\w{{6}}\.c2\.kafka\.eu-west-1\.amazonaws\.com:{port}", each)
            for each in told[key].split(",")
        )
    [short] = of("mq").list_brokers()["BrokerSummaries"]
    jobs = of("mq").describe_broker(BrokerId=short["BrokerId"])
    [instance] = jobs["BrokerInstances"]
    assert re.fullmatch(r"amqps://b-[0-9a-f-]{36}\.mq\.eu-west-1\.amazonaws\.com:5671", instance["Endpoints"][0])
    assert (short["BrokerName"], jobs["EngineType"], jobs["PubliclyAccessible"]) == ("jobs", "RABBITMQ", False)


def test_a_kubernetes_cluster_is_reached_in_its_vpc_alone(
    of: Of, vpcs: Any, groups: dict[str, str], running: Running
) -> None:
    [name] = of("eks").list_clusters()["clusters"]
    cluster = of("eks").describe_cluster(name=name)["cluster"]
    assert re.fullmatch(r"https://[0-9A-F]{32}\.gr7\.eu-west-1\.eks\.amazonaws\.com", cluster["endpoint"])
    network = cluster["resourcesVpcConfig"]
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (False, True)
    assert (network["vpcId"], groups[network["clusterSecurityGroupId"]]) == (vpcs["prod"], "prod-kubernetes")
    pem = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
    assert ssl.PEM_cert_to_DER_cert(pem)
    assert pem == running.config_file.with_name(CA).read_text("ascii")


def test_load_balancers_have_listeners(of: Of) -> None:
    elbv2 = of("elbv2")
    every = {each["LoadBalancerName"]: each for each in elbv2.describe_load_balancers()["LoadBalancers"]}
    assert {name: each["Scheme"] for name, each in every.items()} == {
        "internal-api": "internal",
        "internal-tcp": "internal",
        "shop": "internet-facing",
    }
    ports = {
        name: [(each["Protocol"], each["Port"]) for each in told["Listeners"]]
        for name, balancer in every.items()
        for told in [elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])]
    }
    assert ports == {
        "internal-api": [("HTTP", 80), ("HTTPS", 443)],
        "internal-tcp": [("TCP", 6379)],
        "shop": [("HTTPS", 443)],
    }
    assert every["internal-api"]["DNSName"].startswith("internal-internal-api-")
    [tags] = elbv2.describe_tags(ResourceArns=[every["shop"]["LoadBalancerArn"]])["TagDescriptions"]
    assert {"Key": "Team", "Value": "storefront"} in tags["Tags"]
    page = elbv2.describe_load_balancers(PageSize=2)
    assert len(elbv2.describe_load_balancers(Marker=page["NextMarker"])["LoadBalancers"]) == 1


# what is not there

ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/x/0"
BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/x/0"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        (
            "elasticache",
            "describe_replication_groups",
            {"ReplicationGroupId": "x"},
            "ReplicationGroupNotFoundFault",
        ),
        ("elasticache", "describe_cache_clusters", {"CacheClusterId": "x"}, "CacheClusterNotFound"),
        ("elasticache", "describe_cache_clusters", {"MaxRecords": 1}, "InvalidParameterValue"),
        ("elasticache", "describe_serverless_caches", {"ServerlessCacheName": "x"}, "ServerlessCacheNotFoundFault"),
        (
            "elasticache",
            "describe_cache_subnet_groups",
            {"CacheSubnetGroupName": "x"},
            "CacheSubnetGroupNotFoundFault",
        ),
        ("elasticache", "reboot_cache_cluster", {"CacheClusterId": "x"}, "UnknownOperationException"),
        ("memorydb", "describe_clusters", {"ClusterName": "x"}, "ClusterNotFoundFault"),
        ("memorydb", "delete_cluster", {"ClusterName": "x"}, "UnknownOperationException"),
        ("redshift", "describe_clusters", {"ClusterIdentifier": "x"}, "ClusterNotFound"),
        ("redshift", "describe_clusters", {"Marker": "x"}, "InvalidParameterValue"),
        ("redshift", "pause_cluster", {"ClusterIdentifier": "x"}, "UnknownOperationException"),
        ("redshift-serverless", "get_workgroup", {"workgroupName": "x"}, "ResourceNotFoundException"),
        ("redshift-serverless", "list_namespaces", {}, "UnknownOperationException"),
        ("opensearch", "describe_domain", {"DomainName": "x"}, "ResourceNotFoundException"),
        ("opensearch", "describe_domains", {"DomainNames": list("abcdef")}, "ValidationException"),
        ("opensearch", "delete_domain", {"DomainName": "x"}, "UnknownOperationException"),
        ("kafka", "get_bootstrap_brokers", {"ClusterArn": ARN}, "NotFoundException"),
        ("kafka", "list_nodes", {"ClusterArn": ARN}, "UnknownOperationException"),
        ("mq", "describe_broker", {"BrokerId": "x"}, "NotFoundException"),
        ("mq", "reboot_broker", {"BrokerId": "x"}, "UnknownOperationException"),
        ("eks", "describe_cluster", {"name": "x"}, "ResourceNotFoundException"),
        ("eks", "list_nodegroups", {"clusterName": "platform"}, "UnknownOperationException"),
        ("elbv2", "describe_load_balancers", {"Names": ["shop", "x"]}, "LoadBalancerNotFound"),
        ("elbv2", "describe_listeners", {"LoadBalancerArn": BALANCER}, "LoadBalancerNotFound"),
        ("elbv2", "describe_listeners", {}, "ValidationError"),
        ("elbv2", "describe_target_groups", {}, "UnknownOperationException"),
        ("rds", "describe_db_proxies", {"DBProxyName": "x"}, "DBProxyNotFoundFault"),
        ("rds", "describe_db_proxy_endpoints", {"DBProxyName": "x"}, "DBProxyNotFoundFault"),
        ("rds", "describe_db_proxy_endpoints", {"DBProxyEndpointName": "x"}, "DBProxyEndpointNotFoundFault"),
        ("autoscaling", "describe_auto_scaling_instances", {"MaxRecords": 51}, "ValidationError"),
        ("autoscaling", "describe_auto_scaling_instances", {"NextToken": "x"}, "InvalidNextToken"),
    ],
)
def test_no_is_said_as_aws_says_it(
    of: Of, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    assert refused(getattr(of(service), operation), **parameters)[0] == code


def test_another_region_has_none_of_them(running: Running, of: Of) -> None:
    assert client_of(running, "eks", region="eu-central-1").list_clusters()["clusters"] == []
    there = client_of(running, "elbv2", region="eu-central-1")
    assert there.describe_load_balancers()["LoadBalancers"] == []
    assert of("elb").describe_load_balancers()["LoadBalancerDescriptions"] == []  # of moto, signed for by one name


def test_a_call_of_a_rest_protocol_is_known_by_its_name(of: Of, levers: Any) -> None:
    of("eks").describe_cluster(name="platform")
    assert [each["service"] for each in levers.asked("DescribeCluster")] == ["eks"]
    levers.fault("ListBrokers", "ForbiddenException", status=403)
    assert refused(of("mq").list_brokers)[0] == "ForbiddenException"


def test_instances_of_auto_scaling_come_in_pages(of: Of) -> None:
    first = of("autoscaling").describe_auto_scaling_instances(MaxRecords=2)
    rest = of("autoscaling").describe_auto_scaling_instances(NextToken=first["NextToken"])
    assert (len(first["AutoScalingInstances"]), len(rest["AutoScalingInstances"])) == (2, 5)
