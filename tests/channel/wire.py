"""Recorded exchanges between session-manager-plugin 1.2.677.0 and amazon-ssm-agent 3.3.0.0 (tests/wire)."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "wire"


@dataclass(frozen=True)
class Line:
    at: float
    direction: str
    frame: bytes


def recording(name):
    lines = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]
    return [Line(line["t"], line["dir"], base64.b64decode(line["frame"])) for line in lines]
