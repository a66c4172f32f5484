"""Every partition, FIPS, dual-stack and private endpoints: URLs and signatures as botocore has them, offline."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import botocore.loaders
import botocore.session
import pytest

from ssmx import certificates
from ssmx.aws.calls import Calls, Turns
from ssmx.aws.clients import Clients
from ssmx.aws.eks import token
from ssmx.aws.models import OPERATIONS, Models
from ssmx.aws.truststore import url_for
from ssmx.errors import ConfigError
from ssmx.model.listing import Trust
from ssmx.model.partitions import DOMAINS, is_aws
from ssmx.model.regions import REGIONS
from ssmx.model.session import Session, is_aws_endpoint, is_ssm_endpoint
from ssmx.model.settings import Value
from ssmx.model.target import DnsName, parse

PARTITIONS = botocore.loaders.Loader().load_data("partitions")["partitions"]
EVERY = {
    region: each
    for each in PARTITIONS
    for region in each["regions"]
    if not region.endswith("-global")  # no region, but where services without one are
}
ONE_OF_EACH = ["eu-west-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1"]
ASKED = ("ec2", "ssm", "sts", "rds", "elbv2", "iam", "kms", "eks")


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """No AWS files, no other settings, dummy keys."""
    settings = (
        "USE_FIPS_ENDPOINT",
        "USE_DUALSTACK_ENDPOINT",
        "PROFILE",
        "DEFAULT_PROFILE",
        "STS_REGIONAL_ENDPOINTS",
    )
    for name in ("ENDPOINT_URL", "ENDPOINT_URL_SSM", "ENDPOINT_URL_EC2", "REGION", "DEFAULT_REGION", *settings):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


@pytest.fixture(scope="session")
def models(cache):
    return Models(lambda: cache)


@pytest.fixture
def clients(cache):
    """The clients of a region: `clients("us-gov-west-1")`; all with one session, as scopes have them."""
    first = []

    def made(region):
        where = Value(region, "--region")
        if first:
            return first[0].beside(where, Calls(Turns(), 1.0), trace=print)
        first.append(
            Clients(
                Value("", "default"), where, endpoints={}, trace=print, ask_secret=lambda _: "", cache=lambda: cache
            )
        )
        return first[0]

    return made


@pytest.fixture
def botocores(models):
    """botocore's own client, made as its documents say; of the cut models, which test_models.py proves."""
    session = botocore.session.Session()

    def made(service, region):
        models.lend(session, service)
        return session.create_client(service, region_name=region)

    return made


def asked(client):
    """Where it asks and what it signs for: host, region and service, as one call would have them."""
    found = []

    def send(request, **_):
        found.append(request)
        raise RuntimeError("enough")

    client.meta.events.register_first("before-send", send, unique_id="asked")
    operation = {
        "ec2": "describe_regions",
        "ssm": "describe_instance_properties",
        "sts": "get_caller_identity",
        "rds": "describe_db_instances",
        "elbv2": "describe_load_balancers",
        "iam": "list_account_aliases",
        "eks": "list_clusters",
    }.get(client.meta.service_model.service_name, "")
    if client.meta.service_model.service_name == "kms":
        call = lambda: client.generate_data_key(KeyId="x", KeySpec="AES_256")  # noqa: E731
    else:
        call = getattr(client, operation)
    with pytest.raises(RuntimeError, match="enough"):
        call()
    client.meta.events.unregister("before-send", unique_id="asked")
    credential = found[0].headers["Authorization"].decode().partition("Credential=")[2].partition(",")[0]
    _, _, region, service, _ = credential.split("/")
    return urlsplit(found[0].url).netloc, region, service


@pytest.mark.parametrize("partition", [each["id"] for each in PARTITIONS])
def test_every_region_is_asked_where_botocore_would_and_signed_as_it_would(clients, botocores, partition):
    regions = [region for region, each in EVERY.items() if each["id"] == partition]
    assert regions
    for region in regions:
        ours = asked(clients(region).get("ssm"))
        assert ours == asked(botocores("ssm", region))
        assert ours[1:] == (region, "ssm")
        url = f"https://{ours[0]}"
        assert is_aws_endpoint(url)
        assert is_ssm_endpoint(url)
    assert clients(region).place == ""  # EC2's is AWS's as well


@pytest.mark.parametrize("service", ASKED)
@pytest.mark.parametrize("region", ONE_OF_EACH)
def test_so_is_every_service(clients, botocores, region, service):
    assert service in OPERATIONS or service == "sts"
    assert asked(clients(region).get(service)) == asked(botocores(service, region))


@pytest.mark.parametrize(
    ("settings", "region", "host"),
    [
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "us-east-1", "ssm-fips.us-east-1.amazonaws.com"),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "us-gov-west-1", "ssm.us-gov-west-1.amazonaws.com"),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "eu-west-1", "ssm.eu-west-1.api.aws"),
        (
            {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
            "cn-north-1",
            "ssm.cn-north-1.api.amazonwebservices.com.cn",
        ),
        (
            {"AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_USE_FIPS_ENDPOINT": "true"},
            "us-east-1",
            "ssm-fips.us-east-1.api.aws",
        ),
        ({}, "fips-us-gov-west-1", "ssm.us-gov-west-1.amazonaws.com"),
    ],
)
def test_fips_and_dual_stack(clients, botocores, monkeypatch, settings, region, host):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ours = clients(region)
    assert asked(ours.get("ssm")) == asked(botocores("ssm", region)) == (host, region.removeprefix("fips-"), "ssm")
    assert is_ssm_endpoint(f"https://{host}")
    stream = f"wss://ssmmessages-fips.{region.removeprefix('fips-')}.amazonaws.com/v1/data-channel/x"
    assert f"/{region.removeprefix('fips-')}/ssmmessages/aws4_request" in ours.sign(stream)["Authorization"]


def test_fips_and_dual_stack_of_a_profile(clients, botocores, tmp_path):
    (tmp_path / "config").write_text("[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n")
    ours = clients("us-west-2")
    assert asked(ours.get("ssm")) == asked(botocores("ssm", "us-west-2"))
    assert asked(ours.get("ssm"))[0] == "ssm-fips.us-west-2.api.aws"
    lent = {"use_fips_endpoint": "true", "use_dualstack_endpoint": "true"}
    assert ours.lent_settings() == lent  # the official plugin is to go the same way


VPCE = "vpce-0a1b2c-3d4e.{}.{}.vpce.amazonaws.com{}"


@pytest.mark.parametrize(("region", "suffix"), [("eu-west-1", ""), ("us-gov-west-1", ""), ("cn-north-1", ".cn")])
def test_a_private_endpoint_is_asked_and_signed_for_the_region(clients, monkeypatch, region, suffix):
    ssm, stream = (VPCE.format(name, region, suffix) for name in ("ssm", "ssmmessages"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", f"https://{ssm}")
    ours = clients(region)
    assert asked(ours.get("ssm")) == (ssm, region, "ssm")
    assert asked(ours.get("ec2"))[0].startswith(f"ec2.{region}.")  # which has none of its own
    assert ours.place == ""
    assert is_ssm_endpoint(f"https://{ssm}")
    assert Session("s", f"wss://{stream}/v1/data-channel/s", "t").is_aws


def test_an_endpoint_for_all_and_one_for_a_service(clients, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5")
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:6")
    ours = clients("ap-south-2")
    assert asked(ours.get("ssm")) == ("127.0.0.1:5", "ap-south-2", "ssm")
    assert asked(ours.get("ec2")) == ("127.0.0.1:6", "ap-south-2", "ec2")
    assert ours.place == "http://127.0.0.1:6"


def test_endpoints_of_a_profile(clients, tmp_path):
    (tmp_path / "config").write_text(
        "[default]\nservices = mine\nendpoint_url = http://127.0.0.1:7\n[services mine]\nssm =\n  endpoint_url = http://127.0.0.1:8\n"
    )
    ours = clients("sa-east-1")
    assert asked(ours.get("ssm")) == ("127.0.0.1:8", "sa-east-1", "ssm")
    assert asked(ours.get("ec2")) == ("127.0.0.1:7", "sa-east-1", "ec2")


def test_the_data_channel_of_every_region_is_awss_and_signed_for_it(clients):
    for region, partition in EVERY.items():
        ours = clients(region)
        for suffix in (partition["outputs"]["dnsSuffix"], partition["outputs"]["dualStackDnsSuffix"]):
            for name in ("ssmmessages", "ssmmessages-fips"):
                url = f"wss://{name}.{region}.{suffix}/v1/data-channel/ravi-1?role=publish_subscribe"
                assert Session("ravi-1", url, "t").is_aws
                assert f"/{region}/ssmmessages/aws4_request" in ours.sign(url)["Authorization"]


def test_the_domains_are_botocores():
    found = {each["outputs"][key] for each in PARTITIONS for key in ("dnsSuffix", "dualStackDnsSuffix")}
    assert set(DOMAINS) == found
    assert not is_aws("evilamazonaws.com")


def test_regions_that_tab_offers_are_botocores():
    assert set(REGIONS) <= set(EVERY)


@pytest.mark.parametrize("region", ONE_OF_EACH)
def test_a_public_name_of_ec2_is_a_node_in_every_partition(region):
    name = f"ec2-54-1-2-3.{region}.compute.{EVERY[region]['outputs']['dnsSuffix']}"
    assert parse(name) == DnsName(name)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "truststore.pki.rds.amazonaws.com"),
        ("us-gov-east-1", "truststore.pki.us-gov-east-1.rds.amazonaws.com"),
        ("cn-northwest-1", "rds-truststore.s3.cn-northwest-1.amazonaws.com.cn"),
    ],
)
def test_the_certificates_of_rds_are_those_of_the_partition(region, host):
    assert urlsplit(url_for(region)).hostname == host


@pytest.mark.parametrize("region", [each for each in EVERY if each.startswith(("eusc-", "us-iso", "eu-iso"))])
def test_where_no_certificates_are_known_to_be_nobody_is_told_others(region):
    with pytest.raises(ConfigError, match=region):
        url_for(region)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("fips-us-gov-west-1", "truststore.pki.us-gov-west-1.rds.amazonaws.com"),
        ("us-gov-east-1-fips", "truststore.pki.us-gov-east-1.rds.amazonaws.com"),
        ("us-east-1-fips", "truststore.pki.rds.amazonaws.com"),
    ],
)
def test_the_certificates_of_rds_for_a_region_that_is_named_with_fips(monkeypatch, tmp_path, clients, region, host):
    asked = []
    monkeypatch.setattr(certificates, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(certificates, "fetch", lambda region, verify: asked.append(url_for(region)) or b"these")
    kept = certificates.bundle(clients(region), Value("", "default"), Trust.RDS, needed=True)
    assert [urlsplit(each).hostname for each in asked] == [host]
    assert ("us-gov" in kept) == ("us-gov" in region)


def test_the_certificates_of_rds_in_aws_are_not_those_of_another_partition(monkeypatch, tmp_path, clients):
    monkeypatch.setattr(certificates, "cache_folder", lambda: tmp_path)
    (tmp_path / "rds-aws-bundle.pem").write_text("kept")
    with pytest.raises(ConfigError, match="eusc-de-east-1"):
        certificates.bundle(clients("eusc-de-east-1"), Value("", "default"), Trust.RDS, needed=True)


@pytest.mark.parametrize(
    ("settings", "region", "host", "signed"),
    [
        ({}, "eu-west-1", "sts.eu-west-1.amazonaws.com", "eu-west-1"),
        ({}, "cn-north-1", "sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "us-east-2", "sts-fips.us-east-2.amazonaws.com", "us-east-2"),
        ({"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "eu-west-1", "sts.amazonaws.com", "us-east-1"),
        ({}, "fips-us-gov-west-1", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ],
)
def test_kubectl_signs_in_at_the_sts_of_the_partition(clients, monkeypatch, settings, region, host, signed):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    text, _ = token(clients(region), "platform", now=datetime.now(UTC))
    url = urlsplit(base64.urlsafe_b64decode(text.removeprefix("k8s-aws-v1.") + "==").decode())
    assert url.hostname == host
    assert parse_qs(url.query)["X-Amz-Credential"][0].split("/")[2] == signed


def test_an_iam_token_of_a_database_is_signed_for_its_region_and_partition(clients):
    rds = clients("cn-north-1").get("rds")
    host = "payments.c1.cn-north-1.rds.amazonaws.com.cn"
    url = rds.generate_db_auth_token(DBHostname=host, Port=5432, DBUsername="ravi", Region="cn-north-1")
    assert url.startswith(f"{host}:5432/")
    assert "%2Fcn-north-1%2Frds-db%2Faws4_request" in url
