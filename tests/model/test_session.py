"""Whether a data channel leads to AWS."""

import botocore.session
import pytest

from ssmx.model.session import Session, is_aws_endpoint

PATH = "/v1/data-channel/ravi-1?role=publish_subscribe&cell-number=AA+b/c=="
PARTITIONS = botocore.session.Session().get_component("data_loader").load_data("partitions")["partitions"]
SUFFIXES = {each["outputs"][key] for each in PARTITIONS for key in ("dnsSuffix", "dualStackDnsSuffix")}


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_domain_of_botocore_is_known(suffix):
    for host in (f"ssmmessages.x-y-1.{suffix}", f"ssmmessages-fips.x-y-1.{suffix}"):
        assert Session("s", f"wss://{host}{PATH}", "t").is_aws
    assert is_aws_endpoint(f"https://ssm.x-y-1.{suffix}")


def test_an_interface_endpoint_is_aws():
    host = "vpce-0a1-b2c-eu-west-1a.ssmmessages.eu-west-1.vpce.amazonaws.com"
    assert Session("s", f"wss://{host}{PATH}", "t").is_aws


@pytest.mark.parametrize(
    "url",
    [
        "ws://ssmmessages.eu-west-1.amazonaws.com/x",
        "wss://ssmmessages.eu-west-1.amazonaws.com:8443/x",
        "wss://ssmmessages.eu-west-1.amazonaws.com.evil.example/x",
        "wss://ssmmessages.eu-west-1.evilamazonaws.com/x",
        "wss://evilssmmessages.eu-west-1.amazonaws.com/x",
        "wss://bucket.s3.eu-west-1.amazonaws.com/x",
        "wss://user@evil.example/ssmmessages.eu-west-1.amazonaws.com",
        "wss://127.0.0.1/x",
        "wss://[::1]/x",
        "wss://[/x",
        "wss://ssmmessages.eu-west-1.amazonaws.com:x/",
        "",
    ],
)
def test_nothing_else_is(url):
    assert not Session("s", url, "t").is_aws


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "https://amazonaws.com.evil.example", "https://evilapi.aws"]
)
def test_an_endpoint_elsewhere_is_not_of_aws(url):
    assert not is_aws_endpoint(url)
