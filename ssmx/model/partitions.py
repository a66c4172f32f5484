"""The partitions of AWS: its own domains in each. Light: nothing is imported here."""

# botocore's partitions.json has them; a test compares. Those of two stacks follow those of one.
DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)
SERVERLESS = "on.aws"  # of OpenSearch and others, beside the above


def is_aws(host: str) -> bool:
    """Whether a host is in one of AWS's domains."""
    return host.lower().endswith(tuple(f".{domain}" for domain in DOMAINS))
