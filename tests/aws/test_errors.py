import pytest
from botocore.exceptions import ClientError

from ssmx.aws.errors import from_client_error
from ssmx.errors import (
    AccessDenied,
    BadParameter,
    DocumentMissing,
    Refused,
    SignInExpired,
    TargetOffline,
    Throttled,
    TryLater,
)

WHO = "arn:aws:sts::123456789012:assumed-role/Engineer/ravi"
NODE = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"


def answered(code, said, on="i-0123456789abcdef0"):
    return from_client_error(
        ClientError({"Error": {"Code": code, "Message": said}}, "StartSession"), "ssm:StartSession", on
    )


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        ("TargetNotConnected", "i-0 is not connected.", TargetOffline),
        ("InvalidDocument", "Document with name X does not exist.", DocumentMissing),
        ("ThrottlingException", "Rate exceeded", Throttled),
        ("ExpiredTokenException", "The security token included in the request is expired", SignInExpired),
        ("InvalidParameters", "Parameter portNumber is wrong", BadParameter),
        ("ValidationException", "1 validation error detected", BadParameter),
        ("InternalServerError", "", TryLater),
        ("AccessDeniedException", "no", AccessDenied),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match", Refused),
        ("OptInRequired", "You are not subscribed to this service", Refused),
        ("SomethingNew", "", TryLater),
    ],
)
def test_each_answer_has_its_error(code, said, kind):
    assert type(answered(code, said)) is kind


def test_a_refusal_names_who_what_and_on_what():
    error = answered(
        "AccessDeniedException",
        f"User: {WHO} is not authorized to perform: ssm:StartSession on resource: {NODE} because no "
        "identity-based policy allows the ssm:StartSession action",
    )
    assert error.details == {"action": "ssm:StartSession", "resource": NODE, "principal": WHO}
    assert "because no identity-based policy" in error.message


def test_an_organizations_denial_says_that_no_own_policy_helps():
    error = answered(
        "AccessDeniedException",
        f"User: {WHO} is not authorized to perform: ssm:StartSession on resource: {NODE} with an explicit deny "
        "in a service control policy",
    )
    assert "service control policy" in error.hint
