import pytest

from ssmx.model.prometheus import METRICS, exposition
from ssmx.model.running import Facts, LaneFacts, State

LABELS = 'tunnel="orders"'
ORDERS = Facts(
    "orders",
    State.READY,
    host="127.0.0.1",
    port=15432,
    endpoint="orders.cluster:5432",
    target="i-0123456789abcdef0",
    target_name="bastion",
    lanes=(LaneFacts(State.READY), LaneFacts(State.CONNECTING)),
    connections=3,
    served=17,
    sent=1_000_000,
    received=12_345_678_901_234,
    reconnects=2,
    signed_in_until="2026-11-28T01:00:00.5+00:00",
)


@pytest.mark.parametrize(
    "line",
    [
        f'ssmx_tunnel_info{{{LABELS},endpoint="orders.cluster:5432",jump="bastion"}} 1',
        f"ssmx_tunnel_up{{{LABELS}}} 1",
        f'ssmx_tunnel_state{{{LABELS},state="ready"}} 1',
        f'ssmx_tunnel_state{{{LABELS},state="failed"}} 0',
        f"ssmx_tunnel_lanes{{{LABELS}}} 2",
        f"ssmx_tunnel_lanes_ready{{{LABELS}}} 1",
        f"ssmx_tunnel_connections{{{LABELS}}} 3",
        f"ssmx_tunnel_connections_total{{{LABELS}}} 17",
        f"ssmx_tunnel_sent_bytes_total{{{LABELS}}} 1000000",
        f"ssmx_tunnel_received_bytes_total{{{LABELS}}} 12345678901234",
        f"ssmx_tunnel_reconnects_total{{{LABELS}}} 2",
        f"ssmx_tunnel_credentials_expiry_timestamp_seconds{{{LABELS}}} 1795827600.5",
    ],
)
def test_each_fact_is_a_sample(line):
    assert line in exposition([ORDERS]).splitlines()


def test_a_metric_is_told_once_with_all_its_samples_behind_it():
    lines = exposition([ORDERS, Facts("sessions", State.PAUSED)]).splitlines()
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert names == [metric.name for metric in METRICS]
    assert len([line for line in lines if line.startswith("# HELP")]) == len(METRICS)
    behind = [line.split("{")[0] for line in lines if not line.startswith("#")]
    assert list(dict.fromkeys(behind)) == names
    assert sorted(behind, key=names.index) == behind


@pytest.mark.parametrize(
    ("state", "up"),
    [(State.READY, 1), (State.IDLE, 1), (State.RECONNECTING, 0), (State.PAUSED, 0), (State.SILENT, 0)],
)
def test_what_takes_connections_is_up(state, up):
    facts = Facts("orders", state, host="127.0.0.1", port=15432)
    assert f'ssmx_tunnel_up{{tunnel="orders"}} {up}\n' in exposition([facts])


def test_labels_are_escaped():
    facts = Facts('a"b\\c\nd', State.DOWN, target="i-1")
    assert 'ssmx_tunnel_up{tunnel="a\\"b\\\\c\\nd"} 0\n' in exposition([facts])


def test_credentials_that_do_not_end_have_no_sample_and_no_tunnel_has_no_metric():
    assert "expiry" not in exposition([Facts("orders", State.READY)])
    assert exposition([]) == ""
