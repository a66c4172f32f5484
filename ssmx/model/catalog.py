"""The AWS services ssmx can tunnel to: one row each says how to list its endpoints, and whom their TLS trusts.

To add a service: a row in SERVICES, and a case file of its name in tests/model/catalog/ with answers of AWS and the
endpoints that they tell of. The contract test of the catalog says what else it needs, if anything. What clients are
told is the dialect's of its engine (model/dialect/).
"""

from __future__ import annotations

from collections.abc import Mapping

from ssmx.errors import UsageError
from ssmx.model.endpoint import HOST, Endpoint
from ssmx.model.listing import Listing, Lookup, Service, Then, Trust
from ssmx.model.wording import alike

_SUBNETS = Lookup("ec2", "DescribeSubnets", "Filters", "Subnets[].{key: SubnetId, vpc: VpcId}", filter="subnet-id")
_DB_SUBNET_GROUPS = Lookup(
    "rds",
    "DescribeDBSubnetGroups",
    "DBSubnetGroupName",
    "DBSubnetGroups[].{key: DBSubnetGroupName, vpc: VpcId, subnets: Subnets[].SubnetIdentifier}",
)
_CACHE_SUBNET_GROUPS = Lookup(
    "elasticache",
    "DescribeCacheSubnetGroups",
    "CacheSubnetGroupName",
    "CacheSubnetGroups[].{key: CacheSubnetGroupName, vpc: VpcId, subnets: Subnets[].SubnetIdentifier}",
)
_MEMORY_SUBNET_GROUPS = Lookup(
    "memorydb",
    "DescribeSubnetGroups",
    "SubnetGroupName",
    "SubnetGroups[].{key: Name, vpc: VpcId, subnets: Subnets[].Identifier}",
)

_WAREHOUSE_SUBNET_GROUPS = Lookup(
    "redshift",
    "DescribeClusterSubnetGroups",
    "ClusterSubnetGroupName",
    "ClusterSubnetGroups[].{key: ClusterSubnetGroupName, vpc: VpcId, subnets: Subnets[].SubnetIdentifier}",
)

_INSTANCE = """{name: DBInstanceIdentifier, host: Endpoint.Address, port: Endpoint.Port,
    vpc: DBSubnetGroup.VpcId, subnets: DBSubnetGroup.Subnets[].SubnetIdentifier, zone: AvailabilityZone,
    engine: Engine, user: MasterUsername, database: DBName, iam: IAMDatabaseAuthenticationEnabled,
    dual: NetworkType == 'DUAL', status: DBInstanceStatus, arn: DBInstanceArn,
    groups: VpcSecurityGroups[].VpcSecurityGroupId}"""
_CLUSTER = """{name: DBClusterIdentifier, port: Port, network: DBSubnetGroup, engine: Engine, user: MasterUsername,
    database: DatabaseName, iam: IAMDatabaseAuthenticationEnabled, dual: NetworkType == 'DUAL', status: Status,
    arn: DBClusterArn, groups: VpcSecurityGroups[].VpcSecurityGroupId,
    each: [[{role: 'writer', host: Endpoint}, {role: 'reader', host: ReaderEndpoint}],
        CustomEndpoints[].{role: 'custom', host: @}][]}"""


def _database(which: str, *, engine: str = "") -> tuple[Listing, ...]:
    """The two calls that RDS, DocumentDB and Neptune have in common; `which` chooses rows of their answers."""
    chosen = [{"Name": "engine", "Values": [engine]}] if engine else []
    return (
        Listing(
            "rds",
            "DescribeDBInstances",
            f"DBInstances[?{which}].{_INSTANCE}",
            given={"Filters": chosen} if chosen else {},
            narrowed={"Filters": [*chosen, {"Name": "db-instance-id", "Values": ["{name}"]}]},
        ),
        Listing(
            "rds",
            "DescribeDBClusters",
            f"DBClusters[?{which}].{_CLUSTER}",
            given={"Filters": chosen} if chosen else {},
            narrowed={"Filters": [*chosen, {"Name": "db-cluster-id", "Values": ["{name}"]}]},
            networks=_DB_SUBNET_GROUPS,
        ),
    )


def _balancers(kind: str) -> tuple[Listing, ...]:
    """The internal load balancers of a type; an endpoint for each listener that a client can connect to."""
    return (
        Listing(
            "elbv2",
            "DescribeLoadBalancers",
            """[{name: item.name, host: item.host, vpc: item.vpc, subnets: item.subnets, groups: item.groups,
                status: item.status, arn: item.ask, dual: item.dual,
                each: answer.Listeners[?Protocol != 'UDP' && Protocol != 'QUIC']
                    .{part: to_string(Port), port: Port, engine: Protocol,
                        tls: Protocol == 'HTTPS' || Protocol == 'TLS'}}][?each]""",
            narrowed={"Names": ["{name}"]},
            then=Then(
                "DescribeListeners",
                "LoadBalancerArn",
                f"""LoadBalancers[?Scheme == 'internal' && Type == '{kind}'].{{name: LoadBalancerName,
                    ask: LoadBalancerArn, host: DNSName, vpc: VpcId, subnets: AvailabilityZones[].SubnetId,
                    groups: SecurityGroups, status: State.Code,
                    dual: starts_with(not_null(IpAddressType, ''), 'dual')}}""",
            ),
        ),
    )


SERVICES: Mapping[str, Service] = {
    each.name: each
    for each in (
        Service(
            "rds",
            "RDS instances and Aurora clusters",
            # DocumentDB and Neptune answer the same calls, and are services of their own.
            _database("!(Engine == 'docdb' || Engine == 'neptune')"),
            trust=Trust.RDS,
            database=True,
            also=("aurora", "postgres", "mysql", "mariadb", "oracle", "sqlserver"),
        ),
        Service(
            "rds-proxy",
            "proxies of RDS",
            (
                Listing(
                    "rds",
                    "DescribeDBProxies",
                    """[{name: item.name, vpc: item.vpc, engine: item.engine, iam: item.iam, status: item.status,
                        arn: item.arn, groups: item.groups, subnets: item.subnets,
                        port: (item.engine == 'MYSQL' && `3306`) || (item.engine == 'SQLSERVER' && `1433`)
                            || `5432`,
                        each: answer.DBProxyEndpoints[].{host: Endpoint, vpc: VpcId, subnets: VpcSubnetIds,
                            groups: VpcSecurityGroupIds, status: Status,
                            part: DBProxyEndpointName,
                            dual: EndpointNetworkType == 'DUAL' || EndpointNetworkType == 'IPV6',
                            role: (IsDefault && 'instance') || (TargetRole == 'READ_ONLY' && 'reader') || 'custom'}
                        }]""",
                    narrowed={"DBProxyName": "{name}"},
                    then=Then(
                        "DescribeDBProxyEndpoints",
                        "DBProxyName",
                        """DBProxies[].{name: DBProxyName, ask: DBProxyName, vpc: VpcId, engine: EngineFamily,
                            subnets: VpcSubnetIds, groups: VpcSecurityGroupIds, status: Status, arn: DBProxyArn,
                            iam: DefaultAuthScheme == 'IAM_AUTH'
                                || length(not_null(Auth, `[]`)[?IAMAuth != 'DISABLED']) > `0`}""",
                    ),
                ),
            ),
            database=True,
            also=("proxy",),
        ),
        Service(
            "docdb",
            "DocumentDB clusters and their instances",
            _database("Engine == 'docdb'", engine="docdb"),
            trust=Trust.RDS,
            database=True,
            also=("documentdb", "mongo", "mongodb"),
        ),
        Service(
            "neptune",
            "Neptune clusters and their instances",
            _database("Engine == 'neptune'", engine="neptune"),
            database=True,
        ),
        Service(
            "elasticache",
            "ElastiCache: replication groups, clusters with their nodes, serverless caches",
            (
                Listing(
                    "elasticache",
                    "DescribeReplicationGroups",
                    """[{name: item.name, engine: not_null(item.engine, answer.CacheClusters[0].Engine, 'redis'),
                        status: item.status, arn: item.arn, clustered: item.clustered, tls: item.tls || `false`,
                        dual: item.dual, network: answer.CacheClusters[0].CacheSubnetGroupName,
                        groups: answer.CacheClusters[0].SecurityGroups[].SecurityGroupId,
                        each: [[{role: 'instance', host: item.whole.Address, port: item.whole.Port}],
                            item.shards[?PrimaryEndpoint].{role: 'writer', host: PrimaryEndpoint.Address,
                                port: PrimaryEndpoint.Port},
                            item.shards[?ReaderEndpoint].{role: 'reader', host: ReaderEndpoint.Address,
                                port: ReaderEndpoint.Port}][]}]""",
                    narrowed={"ReplicationGroupId": "{name}"},
                    # The group itself tells no network: that of its first member is the group's.
                    then=Then(
                        "DescribeCacheClusters",
                        "CacheClusterId",
                        """ReplicationGroups[].{name: ReplicationGroupId, ask: MemberClusters[0], engine: Engine,
                            status: Status, arn: ARN, clustered: ClusterEnabled, tls: TransitEncryptionEnabled,
                            dual: NetworkType == 'dual_stack' || NetworkType == 'ipv6',
                            whole: ConfigurationEndpoint, shards: NodeGroups}""",
                    ),
                    networks=_CACHE_SUBNET_GROUPS,
                ),
                Listing(
                    "elasticache",
                    "DescribeCacheClusters",
                    """CacheClusters[].{name: CacheClusterId, engine: Engine, status: CacheClusterStatus, arn: ARN,
                        network: CacheSubnetGroupName, tls: TransitEncryptionEnabled || `false`,
                        dual: NetworkType == 'dual_stack' || NetworkType == 'ipv6',
                        groups: SecurityGroups[].SecurityGroupId,
                        each: [[{role: 'instance', host: ConfigurationEndpoint.Address,
                                port: ConfigurationEndpoint.Port}],
                            CacheNodes[].{part: CacheNodeId, host: Endpoint.Address, port: Endpoint.Port,
                                zone: CustomerAvailabilityZone}][]}""",
                    given={"ShowCacheNodeInfo": True},
                    narrowed={"CacheClusterId": "{name}"},
                    networks=_CACHE_SUBNET_GROUPS,
                ),
                Listing(
                    "elasticache",
                    "DescribeServerlessCaches",
                    """ServerlessCaches[].{name: ServerlessCacheName, engine: Engine, status: Status, arn: ARN,
                        network: SubnetIds[0], subnets: SubnetIds, groups: SecurityGroupIds, clustered: `true`,
                        dual: NetworkType == 'dual_stack' || NetworkType == 'ipv6',
                        each: [{role: 'writer', host: Endpoint.Address, port: Endpoint.Port},
                            {role: 'reader', host: ReaderEndpoint.Address, port: ReaderEndpoint.Port}]}""",
                    narrowed={"ServerlessCacheName": "{name}"},
                    networks=_SUBNETS,
                ),
            ),
            database=True,
            also=("redis", "valkey", "memcached", "cache"),
        ),
        Service(
            "memorydb",
            "MemoryDB clusters",
            (
                Listing(
                    "memorydb",
                    "DescribeClusters",
                    """Clusters[].{name: Name, host: ClusterEndpoint.Address, port: ClusterEndpoint.Port,
                        engine: not_null(Engine, 'redis'), status: Status, arn: ARN, network: SubnetGroupName,
                        tls: TLSEnabled, clustered: `true`,
                        dual: NetworkType == 'dual_stack' || NetworkType == 'ipv6',
                        groups: SecurityGroups[].SecurityGroupId}""",
                    narrowed={"ClusterName": "{name}"},
                    networks=_MEMORY_SUBNET_GROUPS,
                ),
            ),
            database=True,
        ),
        Service(
            "redshift",
            "Redshift clusters",
            (
                Listing(
                    "redshift",
                    "DescribeClusters",
                    """Clusters[].{name: ClusterIdentifier, host: Endpoint.Address, port: Endpoint.Port,
                        vpc: VpcId, network: ClusterSubnetGroupName, zone: AvailabilityZone,
                        engine: 'redshift', user: MasterUsername, database: DBName, status: ClusterStatus,
                        arn: ClusterNamespaceArn,
                        dual: IpAddressType == 'dualstack', groups: VpcSecurityGroups[].VpcSecurityGroupId}""",
                    narrowed={"ClusterIdentifier": "{name}"},
                    networks=_WAREHOUSE_SUBNET_GROUPS,
                ),
            ),
            database=True,
        ),
        Service(
            "redshift-serverless",
            "Redshift Serverless workgroups",
            (
                Listing(
                    "redshift-serverless",
                    "ListWorkgroups",
                    """workgroups[].{name: workgroupName, host: endpoint.address, port: endpoint.port,
                        network: subnetIds[0], subnets: subnetIds, engine: 'redshift',
                        database: 'dev', status: status, arn: workgroupArn, dual: ipAddressType == 'dualstack',
                        groups: securityGroupIds}""",
                    networks=_SUBNETS,
                ),
            ),
            database=True,
        ),
        Service(
            "opensearch",
            "OpenSearch and Elasticsearch domains",
            (
                Listing(
                    "opensearch",
                    "ListDomainNames",
                    """answer.DomainStatusList[?VPCOptions.VPCId].{name: DomainName,
                        host: not_null(Endpoints.vpc, Endpoints.vpcv2),
                        port: `443`, engine: 'opensearch', vpc: VPCOptions.VPCId, subnets: VPCOptions.SubnetIds,
                        arn: ARN, status: DomainProcessingStatus, dual: IPAddressType == 'dualstack',
                        groups: VPCOptions.SecurityGroupIds}""",
                    then=Then(
                        "DescribeDomains",
                        "DomainNames",
                        "DomainNames[].{name: DomainName, ask: DomainName}",
                        at_once=5,
                        by_name=True,
                    ),
                ),
            ),
            database=True,
            also=("elasticsearch", "es", "elastic", "search"),
        ),
        Service(
            "msk",
            "Kafka clusters of MSK",
            (
                Listing(
                    "kafka",
                    "ListClustersV2",
                    """[{name: item.name, engine: 'kafka', status: item.status, arn: item.arn,
                        network: item.network, subnets: item.subnets, groups: item.groups, clustered: `true`,
                        each: [{part: 'tls', address: answer.BootstrapBrokerStringTls},
                            {part: 'iam', address: answer.BootstrapBrokerStringSaslIam},
                            {part: 'scram', address: answer.BootstrapBrokerStringSaslScram},
                            {part: 'plain', address: answer.BootstrapBrokerString, tls: `false`}]}]""",
                    narrowed={"ClusterNameFilter": "{name}"},
                    then=Then(
                        "GetBootstrapBrokers",
                        "ClusterArn",
                        # One that is not there yet has no brokers to ask for.
                        """ClusterInfoList[].{name: ClusterName, arn: ClusterArn, status: State,
                            ask: [@][?State != 'CREATING' && State != 'FAILED'] | [0].ClusterArn,
                            network: not_null(Provisioned.BrokerNodeGroupInfo.ClientSubnets[0],
                                Serverless.VpcConfigs[0].SubnetIds[0]),
                            subnets: not_null(Provisioned.BrokerNodeGroupInfo.ClientSubnets,
                                Serverless.VpcConfigs[0].SubnetIds),
                            groups: not_null(Provisioned.BrokerNodeGroupInfo.SecurityGroups,
                                Serverless.VpcConfigs[0].SecurityGroupIds)}""",
                    ),
                    networks=_SUBNETS,
                ),
            ),
            also=("kafka",),
        ),
        Service(
            "mq",
            "brokers of Amazon MQ, ActiveMQ and RabbitMQ",
            (
                Listing(
                    "mq",
                    "ListBrokers",
                    """[{name: answer.BrokerName, engine: answer.EngineType, status: answer.BrokerState,
                        arn: answer.BrokerArn, network: answer.SubnetIds[0], subnets: answer.SubnetIds,
                        groups: answer.SecurityGroups,
                        each: [(contains(['RABBITMQ', 'RabbitMQ'], answer.EngineType)
                                && answer.BrokerInstances[].Endpoints[].{address: @, role: 'instance'})
                                || answer.BrokerInstances[].Endpoints[].{address: @},
                            answer.BrokerInstances[].{part: 'console', address: ConsoleURL, engine: 'https'}
                        ][]}]""",
                    then=Then("DescribeBroker", "BrokerId", "BrokerSummaries[].{name: BrokerName, ask: BrokerId}"),
                    networks=_SUBNETS,
                ),
            ),
            also=("rabbitmq", "activemq", "rabbit", "amqp"),
        ),
        Service(
            "eks",
            "API servers of EKS clusters",
            (
                Listing(
                    "eks",
                    "ListClusters",
                    """[{name: answer.cluster.name, address: answer.cluster.endpoint, engine: 'kubernetes',
                        status: answer.cluster.status, arn: answer.cluster.arn,
                        vpc: answer.cluster.resourcesVpcConfig.vpcId,
                        subnets: answer.cluster.resourcesVpcConfig.subnetIds,
                        dual: answer.cluster.kubernetesNetworkConfig.ipFamily == 'ipv6',
                        authority: answer.cluster.certificateAuthority.data,
                        public: !answer.cluster.resourcesVpcConfig.endpointPrivateAccess,
                        groups: answer.cluster.resourcesVpcConfig.endpointPrivateAccess &&
                            [answer.cluster.resourcesVpcConfig.clusterSecurityGroupId,
                                answer.cluster.resourcesVpcConfig.securityGroupIds][] || `[]`}]""",
                    then=Then("DescribeCluster", "name", "clusters[].{name: @, ask: @}", by_name=True),
                ),
            ),
            trust=Trust.OWN,
            also=("kubernetes", "k8s", "kube"),
        ),
        Service(
            "alb",
            "internal Application Load Balancers, by their listeners",
            _balancers("application"),
            also=("elb", "lb"),
        ),
        Service("nlb", "internal Network Load Balancers, by their listeners", _balancers("network")),
    )
}


def trust_of(endpoint: Endpoint) -> Trust:
    """Who vouches for an endpoint's certificate; of a host nobody knows, it may tell an authority of its own."""
    return SERVICES[endpoint.service].trust if endpoint.service in SERVICES else Trust.OWN


def service_named(text: str, *, host: bool = False) -> Service:
    """The service of that name. Raises UsageError, with the one that was probably meant; that may be `host`."""
    if text in SERVICES:
        return SERVICES[text]
    known = [*SERVICES, *([HOST] if host else [])]
    close = [each.name for each in SERVICES.values() if text.lower() in each.also]
    close = close or alike(text, known, most=1)
    said = f"; did you mean {close[0]!r}?" if close else ""
    raise UsageError(f"no service {text!r}{said}", hint=f"known are {', '.join(known)}")
