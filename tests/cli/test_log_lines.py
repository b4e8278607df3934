"""The form of a log line, as a process writes it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import logging, structlog
from bbs.logs import Standing, configure
standing = Standing("bbs", "m0")
configure("info", standing)
log = structlog.get_logger()
standing.place = lambda: (7, 42)
log.info("claimed", key="a", raw=b"x")
log.debug("not-said")
logging.getLogger("grpc").warning("odd %s", "thing")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("handler-failed")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, object]]:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, cwd=ROOT, check=True)
    assert ended.stdout == b""
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_a_line_names_who_speaks_and_at_which_place(lines: list[dict[str, object]]) -> None:
    assert list(lines[0]) == ["time", "level", "event", "component", "member", "epoch", "seq", "key", "raw"]
    assert (lines[0]["member"], lines[0]["epoch"], lines[0]["seq"]) == ("m0", 7, 42)


def test_time_is_rfc_3339_in_nanoseconds(lines: list[dict[str, object]]) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", str(lines[0]["time"]))


def test_levels_below_the_one_wanted_are_left_out(lines: list[dict[str, object]]) -> None:
    assert [line["event"] for line in lines] == ["claimed", "library", "handler-failed"]


def test_an_exception_stays_one_line(lines: list[dict[str, object]]) -> None:
    assert lines[2]["level"] == "error"
    assert "ZeroDivisionError" in str(lines[2]["exception"])
