"""Which security groups stand before the API of an EKS cluster."""

import jmespath
import pytest

from ssmx.model.catalog import SERVICES
from ssmx.model.endpoint import from_row


@pytest.mark.parametrize(
    ("private", "groups"),
    [(True, ("sg-cluster", "sg-1", "sg-2")), (False, ())],
    ids=["a private one: its interfaces' groups", "a public one alone: none of them"],
)
def test_the_groups_of_a_cluster_are_those_of_its_private_endpoint(private, groups):
    network = {
        "vpcId": "vpc-1",
        "subnetIds": ["subnet-1"],
        "clusterSecurityGroupId": "sg-cluster",
        "securityGroupIds": ["sg-1", "sg-2"],
        "endpointPrivateAccess": private,
        "endpointPublicAccess": not private,
    }
    cluster = {
        "name": "c",
        "endpoint": "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
        "resourcesVpcConfig": network,
    }
    [listing] = SERVICES["eks"].listings
    [row] = jmespath.search(listing.endpoints, {"item": {}, "answer": {"cluster": cluster}})
    [endpoint] = from_row("eks", row, region="eu-west-1")
    assert (endpoint.groups, endpoint.port) == (groups, 443)
