"""The name of a pointer holds all that decides which account a profile means."""

import pytest

from ssmx.model.pointer import pointer


@pytest.mark.parametrize(
    ("environ", "given", "name"),
    [
        ({}, {}, ",,"),
        ({"AWS_PROFILE": "prod"}, {}, "prod,,"),
        ({"AWS_PROFILE": "b", "AWS_DEFAULT_PROFILE": "a"}, {}, "a,,"),
        ({"SSMX_PROFILE": "c", "AWS_DEFAULT_PROFILE": "a"}, {"profile": "d"}, "d,,"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, {}, ",eu-west-1,"),
        ({"AWS_ACCESS_KEY_ID": "AKIA1"}, {"region": "eu-west-2"}, ",eu-west-2,AKIA1"),
        ({"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_PROFILE": "a"}, {}, "a,,AKIA1"),  # the keys count
        ({"AWS_ACCESS_KEY_ID": "AKIA1", "SSMX_PROFILE": "a"}, {}, "a,,"),
        ({"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_PROFILE": "b"}, {"profile": "a"}, "a,,"),
        ({"AWS_ENDPOINT_URL_EC2": "http://a"}, {}, ",,,n=http:%2F%2Fa"),
        ({"AWS_ROLE_ARN": "arn:aws:iam::1:role/a"}, {}, ",,,r=arn:aws:iam::1:role%2Fa"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/a"}, {}, ",,,u=%2Fa"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://a"}, {}, ",,,U=http:%2F%2Fa"),
        ({"AWS_PROFILE": ""}, {}, ",,"),
        ({"SSMX_SANDBOX": "Yes"}, {}, ",,,s=1"),
        ({"SSMX_SANDBOX": "0"}, {}, ",,"),
        ({"AWS_ENDPOINT_URL": "http://a/b"}, {"sandbox": True}, ",,,s=1,e=http:%2F%2Fa%2Fb"),
        ({"AWS_CONFIG_FILE": "/c"}, {"project": "/p/ssmx.toml"}, ",,,c=%2Fc,f=%2Fp%2Fssmx.toml"),
        ({"AWS_PROFILE": "a,b%2C /é"}, {}, "a%2Cb%252C %2Fé,,"),
    ],
)
def test_a_name(environ, given, name):
    assert pointer(environ, **given) == name
