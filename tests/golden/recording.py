"""A recording: what was done to a BBS, line by line, and everything that it did in return.

Knows the form of the files and nothing of our server. One file is one scenario; each begins with an empty store.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "recordings"
LOOPBACK = re.compile(rb"127\.0\.0\.1:(\d{1,5})")
LEFT_OUT = re.compile(r"bytes ((?:[0-9a-f]{2} )+)followed by (\d+) times '(.)'")
"""How a note tells to make a body that was too big to record."""

NO_CALLS = frozenset({"sleep", "stub_status"})
"""Steps during which what happens is still counted to the step before."""


@dataclass(frozen=True)
class Line:
    """One line. `raw` is the JSON object as it stands."""

    raw: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.raw["kind"])

    @property
    def seq(self) -> int:
        return int(self.raw["seq"])

    @property
    def after_seq(self) -> int:
        """The step that an outbound call followed."""
        return int(self.raw["after_seq"])

    @property
    def path(self) -> str:
        return str(self.raw["path"])

    @property
    def method(self) -> str:
        return str(self.raw["method"])

    @property
    def status(self) -> int:
        return int(self.raw["status"])

    @property
    def setup(self) -> dict[str, Any]:
        return dict(self.raw["setup"])

    @property
    def starts_window(self) -> bool:
        """Whether calls out are counted to this step from here on."""
        return self.kind != "setup" or self.setup["op"] not in NO_CALLS

    @property
    def request_headers(self) -> dict[str, list[str]]:
        return dict(self.raw.get("request_headers") or {})

    @property
    def response_headers(self) -> dict[str, list[str]]:
        return dict(self.raw.get("response_headers") or {})

    @cached_property
    def request_body(self) -> bytes:
        """The body that was sent, made anew where the recording only tells how."""
        body = base64.b64decode(self.raw.get("request_body_b64") or "")
        left_out = LEFT_OUT.search(str(self.raw.get("note") or ""))
        if body or left_out is None:
            return body
        return bytes.fromhex(left_out[1]) + left_out[3].encode() * int(left_out[2])

    @cached_property
    def response_body(self) -> bytes:
        return base64.b64decode(self.raw.get("response_body_b64") or "")


@dataclass(frozen=True)
class Scenario:
    """One file. `steps` are done in order; `calls` and `closes` are what came of them."""

    name: str
    lines: tuple[Line, ...]

    @cached_property
    def steps(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kind in ("setup", "exchange", "stream_open"))

    @cached_property
    def exchanges(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kind == "exchange")

    @cached_property
    def calls(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kind == "outbound")

    @cached_property
    def closes(self) -> dict[str, Line]:
        """The end of each stream, by its name."""
        return {str(line.raw["stream"]): line for line in self.lines if line.kind == "stream_close"}

    @cached_property
    def converges(self) -> bool:
        """Whether convergence runs while the scenario does: then the number of its passes is chance."""
        starts = [line.setup for line in self.steps if line.kind == "setup" and line.setup["op"] == "fresh_server"]
        return any(not str(start.get("converge_repeat_interval", "1h")).endswith("h") for start in starts)

    @cached_property
    def loopback_ports(self) -> frozenset[int]:
        """Every port of loopback that the scenario names."""
        found = (LOOPBACK.findall(json.dumps(line.raw).encode()) for line in self.lines)
        bodies = (LOOPBACK.findall(line.request_body) for line in self.lines if line.kind == "exchange")
        return frozenset(int(port) for ports in (*found, *bodies) for port in ports)


def scenarios(folder: Path = HERE) -> list[Path]:
    """The files of a folder of recordings, `.jsonl` or `.jsonl.gz`."""
    return sorted(path for path in folder.iterdir() if re.search(r"\.jsonl(\.gz)?$", path.name))


def name_of(path: Path) -> str:
    """The scenario in that file."""
    return path.name.partition(".jsonl")[0]


def load(path: Path) -> Scenario:
    """Read one file."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return Scenario(name_of(path), tuple(Line(json.loads(line)) for line in text.split("\n") if line.strip()))
