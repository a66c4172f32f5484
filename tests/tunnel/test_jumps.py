"""Which node a tunnel goes through: the first that does, and the next where it does not."""

import json
from pathlib import Path

import pytest

from .conftest import connect
from .test_supervision import end, no_session_is_open

STARTUP = bytes.fromhex("0000000804d2162f")  # PostgreSQL's SSLRequest, which is answered with one byte


@pytest.fixture
def jumps(levers, launched):
    """Two tagged nodes, `jump-a` and `jump-b`, in the order in which they are tried."""
    return [launched(name, **{"ssmx:jump": "true"}) for name in ("aa-jump", "ab-jump")]


def answers(port):
    """Whether the database behind the port answers."""
    with connect(port) as connection:
        connection.sendall(STARTUP)
        return connection.recv(1) == b"S"


def is_reset(port):
    """Whether a connection is reset, and not ended as if that were all."""
    with connect(port) as connection:
        try:
            connection.recv(1)
        except ConnectionResetError:
            return True
    return False


def test_a_tagged_node_is_taken_first(tunnel, levers, jumps):
    running = tunnel("tunnel", "rds", "payments-prod")
    ready = running.event("ready")
    assert ready["target"] == jumps[0]
    assert answers(ready["local_port"])
    assert running.stop() == 130


def test_the_first_connection_is_the_probe_and_its_words_are_said_again_to_the_next_node(tunnel, levers, jumps):
    levers("POST", f"node/{jumps[0]}", {"barred": True})
    running = tunnel("tunnel", "rds", "payments-prod")
    ready = running.event("ready")
    assert ready["target"] == jumps[0]
    assert answers(ready["local_port"])
    assert running.event("reconnecting")["code"] == "port-unreachable"
    assert running.event("ready")["target"] == jumps[1]
    assert running.stop() == 130
    assert "aa-jump" in running.said
    assert "trying another node" in running.said
    assert no_session_is_open(levers)


def test_many_connections_at_once_lead_to_one_change_of_node(tunnel, levers, jumps):
    levers("POST", f"node/{jumps[0]}", {"barred": True})
    running = tunnel("tunnel", "rds", "payments-prod")
    port = running.ready()
    connections = [connect(port) for _ in range(20)]
    for each in connections:
        each.sendall(STARTUP)
    assert [each.recv(1) for each in connections] == [b"S"] * 20
    for each in connections:
        each.close()
    assert running.stop() == 130
    assert running.kinds.count("ready") == 2


def test_where_no_node_connects_that_is_said_and_the_port_stays(tunnel, levers, jumps):
    running = tunnel("tunnel", "host", "10.0.0.9:5432", "--via", jumps[0])
    port = running.ready()
    for _ in range(2):
        assert is_reset(port)
    assert running.event("refused")["code"] == "port-unreachable"
    assert running.stop() == 130


def test_a_database_that_refuses_every_node_is_given_up_after_five_and_tried_again(tunnel, levers, jumps):
    running = tunnel("tunnel", "rds", "catalog-prod")
    port = running.ready()
    assert is_reset(port)
    assert running.event("refused")
    assert running.kinds.count("ready") == 5
    assert is_reset(port)
    assert running.stop() == 130
    assert no_session_is_open(levers)


def test_a_node_on_which_the_user_may_start_nothing_is_passed_over(tunnel, levers, jumps):
    refusal = (
        f"User: x is not authorized to perform: ssm:StartSession on resource: arn:aws:ec2:::instance/{jumps[0]}"
    )
    levers.fault("StartSession", "AccessDeniedException", refusal)
    running = tunnel("tunnel", "rds", "payments-prod")
    assert running.event("ready")["target"] == jumps[1]
    assert running.events[0]["code"] == "access-denied"
    assert running.stop() == 130


def test_a_document_that_the_user_may_not_use_is_no_matter_of_nodes(ssmx, levers):
    levers("POST", "reset")
    document = "arn:aws:ssm:eu-west-1::document/AWS-StartPortForwardingSessionToRemoteHost"
    refusal = f"User: x is not authorized to perform: ssm:StartSession on resource: {document}"
    levers.fault("StartSession", "AccessDeniedException", refusal, times=9)
    result = ssmx("tunnel", "rds", "payments-prod", "--", "true")
    assert result.status == 77
    assert "document/AWS-StartPortForwardingSessionToRemoteHost" in result.err
    assert len(levers.asked("StartSession")) == 1


def test_nodes_are_tried_until_it_is_clear_that_no_node_does(ssmx, levers):
    levers("POST", "reset")
    levers.fault("StartSession", "AccessDeniedException", "no", times=9)
    result = ssmx("tunnel", "rds", "payments-prod", "--", "true")
    assert result.status == 77
    assert result.err.count("trying another node") == 4
    assert len(levers.asked("StartSession")) == 5


def test_a_network_without_a_node_that_does_is_told_with_every_reason(ssmx, levers, nodes):
    for each in ssmx("tunnel", "rds", "payments-prod", "--explain", "-o", "json").json["jumps"]:
        levers("POST", f"node/{each['id']}", {"ping": "ConnectionLost"})
    result = ssmx("tunnel", "rds", "payments-prod", "--", "true")
    assert result.status == 69
    assert "is offline (ConnectionLost)" in result.err
    assert "--via TARGET" in result.err
    assert ssmx("ls", "rds", "payments-prod", "-o", "tsv").out.rstrip().endswith("nothing")


def test_the_next_node_is_taken_when_one_is_gone(tunnel, levers, jumps, aws):
    running = tunnel("tunnel", "rds", "payments-prod")
    first = running.event("ready")
    with connect(first["local_port"]) as connection:
        connection.sendall(STARTUP)
        assert connection.recv(1) == b"S"
        aws["ec2"].terminate_instances(InstanceIds=[jumps[0]])
        end(levers, first)
        assert running.event("ready")["target"] == jumps[1]
    assert answers(first["local_port"])
    assert running.stop() == 130


@pytest.mark.waits
def test_a_node_that_falls_silent_is_found_out(tunnel, levers, jumps, aws):
    running = tunnel("tunnel", "rds", "payments-prod")
    first = running.event("ready")
    with connect(first["local_port"]) as before:
        before.sendall(STARTUP)
        assert before.recv(1) == b"S"
        aws["ec2"].terminate_instances(InstanceIds=[jumps[0]])
        assert is_reset(first["local_port"])  # the port accepts, and the node does not answer
        with pytest.raises(ConnectionResetError):
            before.recv(1)
    assert answers(first["local_port"])
    assert running.stop() == 130
    assert "is terminated" in running.said


def remembered(env):
    path = Path(env["HOME"]) / ".local/state/ssmx/jumps.json"
    return list(json.loads(path.read_text()).values()) if path.exists() else []


def test_the_node_that_worked_last_is_taken_first(tunnel, levers, jumps, env, ssmx):
    levers("POST", f"node/{jumps[0]}", {"barred": True})
    running = tunnel("tunnel", "rds", "payments-prod")
    assert answers(running.event("ready")["local_port"])
    assert running.stop() == 130
    assert remembered(env) == [jumps[1]]
    levers("POST", f"node/{jumps[0]}", {"barred": False})
    running = tunnel("tunnel", "rds", "payments-prod")
    assert running.event("ready")["target"] == jumps[1]
    assert running.stop() == 130
    ranked = ssmx("tunnel", "rds", "payments-prod", "--explain").out.splitlines()
    assert ranked[1].split()[1] == "ab-jump"
    assert "worked last" in ranked[1]


def test_a_node_that_worked_last_and_is_gone_is_no_matter(tunnel, levers, jumps, env):
    running = tunnel("tunnel", "rds", "payments-prod")
    assert answers(running.event("ready")["local_port"])
    assert running.stop() == 130
    assert remembered(env) == [jumps[0]]
    levers("POST", f"node/{jumps[0]}", {"ping": "ConnectionLost"})
    running = tunnel("tunnel", "rds", "payments-prod")
    assert running.event("ready")["target"] == jumps[1]
    assert running.stop() == 130


def test_one_that_nobody_meant_for_it_gives_way_to_one_that_somebody_has_meant_since(tunnel, jumps, env, nodes):
    running = tunnel("tunnel", "rds", "payments-prod")
    assert answers(running.event("ready")["local_port"])
    assert running.stop() == 130
    path = Path(env["HOME"]) / ".local/state/ssmx/jumps.json"
    path.write_text(path.read_text().replace(jumps[0], nodes["payments-api"]))
    running = tunnel("tunnel", "rds", "payments-prod")
    assert running.event("ready")["target"] == jumps[0]
    assert running.stop() == 130


@pytest.mark.waits
def test_an_endpoint_that_does_not_answer_is_told(tunnel, levers):
    running = tunnel("tunnel", "alb", "internal-api", "--endpoint", "443")  # TLS begins with the client's words
    with connect(running.ready()):
        silence = running.event("unanswered")
        assert silence["seconds"] >= 6
    assert running.stop() == 130
    assert "`ssmx why i-" in running.said


def test_one_that_worked_last_and_is_not_admitted_any_more_is_not_taken(ssmx, env, nodes):
    host = next(each["host"] for each in ssmx("ls", "elasticache", "sessions", "-o", "json").json)
    path = Path(env["HOME"]) / ".local/state/ssmx/jumps.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({f"eu-west-1/{host}:6379": nodes["bastion-prod"]}))
    ranked = ssmx("tunnel", "elasticache", "sessions", "--explain", "-o", "json").json
    plan = ssmx("tunnel", "elasticache", "sessions", "--dry-run", "-o", "json").json
    assert plan["target"] == ranked["jumps"][0]["id"] != nodes["bastion-prod"]


def test_the_plan_is_what_the_ranking_says(ssmx, env, nodes):
    host = ssmx("ls", "rds", "payments-prod", "-o", "json").json[0]["host"]
    path = Path(env["HOME"]) / ".local/state/ssmx/jumps.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({f"eu-west-1/{host}:5432": nodes["admin-ui"]}))
    ranked = ssmx("tunnel", "rds", "payments-prod", "--explain", "-o", "json").json
    plan = ssmx("tunnel", "rds", "payments-prod", "--dry-run", "-o", "json").json
    assert plan["target"] == ranked["jumps"][0]["id"] == nodes["bastion-prod"]
