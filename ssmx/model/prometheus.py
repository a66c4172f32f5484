"""Tunnels in Prometheus's text format: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ssmx.light import dataclass
from ssmx.model.running import Facts, State
from ssmx.model.status import is_up, ready_lanes, through, time_of

Samples = Iterator[tuple[Mapping[str, str], float]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its name, kind and help, and its samples of one tunnel, with labels beside the tunnel's name.

    What changes while a tunnel runs is in the labels of no other than ssmx_tunnel_info: a counter would begin anew.
    """

    name: str
    kind: str
    about: str
    samples: Callable[[Facts], Samples]


def _one(value: Callable[[Facts], float]) -> Callable[[Facts], Samples]:
    def samples(facts: Facts) -> Samples:
        yield {}, value(facts)

    return samples


def _states(facts: Facts) -> Samples:
    for state in State:
        yield {"state": str(state)}, state is facts.state


def _expiry(facts: Facts) -> Samples:
    if (when := time_of(facts.signed_in_until)) is not None:
        yield {}, when.timestamp()


def _info(facts: Facts) -> Samples:
    yield {"endpoint": facts.endpoint, "jump": through(facts)}, 1


METRICS = (
    Metric("ssmx_tunnel_info", "gauge", "Where the tunnel leads, and through which node now.", _info),
    Metric("ssmx_tunnel_up", "gauge", "Whether the tunnel takes connections: it is ready, or idle.", _one(is_up)),
    Metric("ssmx_tunnel_state", "gauge", "The state of the tunnel: 1 for the one it is in.", _states),
    Metric(
        "ssmx_tunnel_lanes",
        "gauge",
        "Sessions that the tunnel has beside each other.",
        _one(lambda it: len(it.lanes)),
    ),
    Metric("ssmx_tunnel_lanes_ready", "gauge", "Those of them that stand.", _one(ready_lanes)),
    Metric("ssmx_tunnel_connections", "gauge", "Connections that are open.", _one(lambda it: it.connections)),
    Metric("ssmx_tunnel_connections_total", "counter", "Connections since it began.", _one(lambda it: it.served)),
    Metric(
        "ssmx_tunnel_sent_bytes_total", "counter", "Bytes to the endpoint since it began.", _one(lambda it: it.sent)
    ),
    Metric(
        "ssmx_tunnel_received_bytes_total",
        "counter",
        "Bytes from the endpoint since it began.",
        _one(lambda it: it.received),
    ),
    Metric("ssmx_tunnel_reconnects_total", "counter", "Sessions that were lost.", _one(lambda it: it.reconnects)),
    Metric(
        "ssmx_tunnel_credentials_expiry_timestamp_seconds",
        "gauge",
        "When the credentials of the tunnel end; none where they do not.",
        _expiry,
    ),
)


def exposition(tunnels: Sequence[Facts]) -> str:
    """All metrics of these tunnels; empty where there are none."""
    lines: list[str] = []
    for metric in METRICS:
        found = [
            f"{metric.name}{_labels({'tunnel': each.name, **labels})} {_number(value)}"
            for each in tunnels
            for labels, value in metric.samples(each)
        ]
        if found:
            lines += [
                f"# HELP {metric.name} {_escaped(metric.about)}",
                f"# TYPE {metric.name} {metric.kind}",
                *found,
            ]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value, quotes=True)}"' for name, value in labels.items()) + "}"


def _escaped(text: str, *, quotes: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    """A whole number without a point: 1e+06 would be read as well, and nobody could compare it."""
    return str(int(value)) if value == int(value) else repr(value)
