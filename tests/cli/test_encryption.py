"""Commands in sessions that are encrypted with a KMS key, and every way in which the key cannot be had."""

import json
import time

import pytest

pytestmark = pytest.mark.usefixtures("none_open")


def test_an_encrypted_commands_output_errors_and_status_are_its_own(ssmx, encryption, levers):
    result = ssmx("run", "payments-api", "--", "seq 2000; echo err >&2; exit 5")
    assert result.out == "".join(f"{number}\n" for number in range(1, 2001))
    assert (result.status, result.err) == (5, "err\n")
    assert len(levers.asked("GenerateDataKey")) == 1


def test_a_command_can_be_interrupted_through_the_encryption(ssmx, encryption):
    line = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done"
    result = ssmx("run", "payments-api", "--timeout", "0.5", "--", line)
    assert (result.status, result.out) == (75, "ready\ninterrupted\n")


def test_a_key_that_the_user_may_not_use_is_named(ssmx, encryption, levers):
    who = "arn:aws:iam::123456789012:user/ravi"
    denied = f"User: {who} is not authorized to perform: kms:GenerateDataKey on resource: {encryption.key}"
    levers.fault("GenerateDataKey", "AccessDeniedException", denied)
    result = ssmx("run", "payments-api", "-o", "json", "--", "true")
    assert (result.status, result.out) == (77, "")
    told = json.loads(result.err)
    assert told["error"] == "access-denied"
    assert "kms:GenerateDataKey" in told["message"]
    assert encryption.key in told["hint"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("11111111-2222-3333-4444-555555555555", "there is no such key"),
        ("alias/nobody", "there is no such key"),
    ],
)
def test_a_key_that_is_not_there_is_named(ssmx, encryption, key, said):
    encryption.prefer(key)
    result = ssmx("run", "payments-api", "--", "true")
    assert result.status == 69
    assert key in result.err
    assert said in result.err
    assert "SSM-SessionManagerRunShell" in result.err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("DisabledException", "the key is disabled"),
        ("KMSInvalidStateException", "about to be deleted"),
        ("InvalidKeyUsageException", "symmetric"),
    ],
)
def test_a_key_that_cannot_be_used_says_why(ssmx, encryption, levers, code, said):
    levers.fault("GenerateDataKey", code)
    result = ssmx("run", "payments-api", "--", "true")
    assert result.status == 69
    assert said in result.err


def test_no_route_to_kms_is_said_in_seconds(ssmx, encryption):
    began = time.monotonic()
    result = ssmx("run", "payments-api", "--", "true", AWS_ENDPOINT_URL_KMS="http://127.0.0.1:9")
    assert result.status == 75
    assert "cannot reach AWS for kms:GenerateDataKey" in result.err
    assert time.monotonic() - began < 10


@pytest.mark.long
def test_a_kms_that_is_silent_is_not_waited_for_longer_than_the_agent_waits(ssmx, encryption, levers):
    levers.fault("GenerateDataKey", "", delay=20.0)
    began = time.monotonic()
    result = ssmx("run", "payments-api", "--", "true")
    assert result.status == 75
    assert "kms:GenerateDataKey has not answered in 11 seconds" in result.err
    assert time.monotonic() - began < 15


def test_a_node_that_may_not_decrypt_the_key_is_told(ssmx, encryption, levers):
    levers.fault("Decrypt", "AccessDeniedException", "not authorized to perform: kms:Decrypt")
    result = ssmx("run", "payments-api", "--", "true")
    assert result.status == 69
    assert "Fetching data key failed" in result.err
    assert "the node's role needs kms:Decrypt" in result.err
