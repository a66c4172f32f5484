"""A shell that the account's preferences want encrypted is a shell like any other."""

import re

ENCRYPTED = "This session is encrypted using AWS KMS."


def test_an_encrypted_shell_is_a_shell(user, levers, live, encryption):
    user.ssmx("shell payments-api")
    assert ENCRYPTED in user.sees(user.remote)
    session = live()
    user.types("stty size; printf '%s-%s\\n' a b")
    user.sees("30 100\r\na-b\r\n")
    user.child.setwinsize(40, 132)
    user.types("sleep 0.2; stty size")
    user.sees("40 132\r\n")
    user.sees(user.remote)
    user.runs("sleep 100")
    user.keys("\x03")
    user.sees(user.remote)
    user.types("head -c 200000 /dev/zero | tr '\\0' x | wc -c; seq 3000")
    assert "\n200000\r\n" in user.sees(r"\n2999\r\n3000\r\n")
    user.types("exit 0")
    assert user.back()[0] == 0
    (call,) = levers.asked("GenerateDataKey")
    assert call["parameters"]["KeyId"] == encryption.key
    assert call["parameters"]["NumberOfBytes"] == 64
    context = call["parameters"]["EncryptionContext"]
    assert context["aws:ssm:SessionId"] == session
    assert re.fullmatch(r"i-[0-9a-f]{17}", context["aws:ssm:TargetId"])
    assert context["aws:ssm:RandomChallenge"]


def test_what_was_typed_before_the_key_was_there_arrives(user, levers, live, encryption):
    levers.fault("GenerateDataKey", "", delay=1.0)
    user.ssmx("shell payments-api")
    live()
    user.types("echo $((6*7))")
    user.sees(r"\n42\r\n")
    user.types("exit")
    assert user.back()[0] == 0


def test_an_encrypted_shell_is_resumed_with_the_key_it_has(user, levers, live, encryption):
    user.opens()
    session = live()
    for how in ("cut", "bye"):
        levers("POST", f"session/{session}/{how}")
        user.types("echo $((6*7))")
        user.sees(r"\n42\r\n")
    user.types("exit")
    assert user.back()[0] == 0
    assert len(levers.asked("GenerateDataKey")) == 1


def test_an_agent_that_gives_no_challenge_is_answered_without_one(user, levers, live, encryption, nodes):
    levers("POST", f"node/{nodes['payments-api']}", {"agent_version": "3.3.40.0"})
    user.opens()
    user.types("exit")
    assert user.back()[0] == 0
    (call,) = levers.asked("GenerateDataKey")
    assert "aws:ssm:RandomChallenge" not in call["parameters"]["EncryptionContext"]


def test_ctrl_c_while_the_key_is_looked_for_ends_the_session(user, levers, live, encryption):
    levers.fault("GenerateDataKey", "", delay=8.0)
    user.ssmx("shell payments-api")
    live()
    while not levers.asked("GenerateDataKey"):
        pass
    user.keys("\x03")
    assert user.back(timeout=5)[0] == 130
