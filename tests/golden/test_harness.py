"""The harness sees what it is there to see: an altered recording fails, whatever was altered."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bbs.wire.core_pb2 import DomainsResponse, Error
from bbs.wire.desired_lrp_pb2 import DesiredLRPLifecycleResponse
from tests.golden.clock import ToldClock
from tests.golden.differences import Refusal
from tests.golden.judge import Check, Judge, failures
from tests.golden.passes import program
from tests.golden.recording import HERE, Line, Scenario, load
from tests.golden.replay import Replayed, replay

Lines = list[dict[str, Any]]


def tampered(scenario: Scenario, change: Callable[[Lines], None]) -> Scenario:
    lines = [json.loads(json.dumps(line.raw)) for line in scenario.lines]
    change(lines)
    return Scenario(scenario.name, tuple(Line(line) for line in lines))


def first(lines: Lines, **wanted: Any) -> dict[str, Any]:
    return next(line for line in lines if all(line.get(name) == value for name, value in wanted.items()))


def another_error(lines: Lines) -> None:
    line = next(line for line in lines if line["kind"] == "exchange" and line.get("client_error"))
    answer = DesiredLRPLifecycleResponse.FromString(base64.b64decode(line["response_body_b64"]))
    answer.error.message = "E" + answer.error.message[1:]
    line["response_body_b64"] = base64.b64encode(answer.SerializeToString()).decode()


def another_domain(lines: Lines) -> None:
    line = [line for line in lines if line.get("path") == "/v1/domains/list"][-1]
    answer = DomainsResponse.FromString(base64.b64decode(line["response_body_b64"]))
    answer.domains[0] = answer.domains[0][:-1] + "?"
    line["response_body_b64"] = base64.b64encode(answer.SerializeToString()).decode()


def another_status(lines: Lines) -> None:
    first(lines, kind="exchange")["status"] = 201


def a_header_more(lines: Lines) -> None:
    first(lines, kind="exchange")["response_headers"]["X-Other"] = ["1"]


def a_panic_where_there_was_none(lines: Lines) -> None:
    first(lines, kind="exchange", client_call="UpsertDomain")["status"] = 0


def a_call_more(lines: Lines) -> None:
    call = {"kind": "outbound", "peer": "auctioneer", "method": "POST", "path": "/v1/tasks", "status": 202}
    lines.append({**call, "after_seq": first(lines, kind="exchange")["seq"], "request_headers": {}})


def judged(scenario: Scenario, replayed: Replayed) -> list[Check]:
    return failures(Judge(scenario, replayed).checks())


@pytest.mark.timeout(600)
async def test_an_altered_recording_fails_once_and_the_true_one_passes(tmp_path: Path) -> None:
    scenario = load(HERE / "domains.jsonl")
    replayed = await replay(scenario, tmp_path)
    assert judged(scenario, replayed) == []
    changes = (
        another_error,
        another_domain,
        another_status,
        a_header_more,
        a_panic_where_there_was_none,
        a_call_more,
    )
    assert {change.__name__: len(judged(tampered(scenario, change), replayed)) for change in changes} == {
        change.__name__: 1 for change in changes
    }


def test_passes_are_found_where_the_recording_shows_what_they_did() -> None:
    moments = program(load(HERE / "suspect.jsonl.gz"))
    before = [moments[n - 1].step for n, moment in enumerate(moments) if moment.step is None]
    seqs = [step.seq for step in before if step is not None]
    assert {14, 26, 54} <= set(seqs), "the calls after 14, 25 and 54 are made by passes"
    assert not {27, 28, 29, 30, 31} & set(seqs)


def test_a_server_that_converges_each_hour_has_no_passes() -> None:
    assert all(moment.step is not None for moment in program(load(HERE / "evacuation.jsonl.gz")))


def test_told_time_never_goes_back(tmp_path: Path) -> None:
    """Steps stand in order; a pass that was heard of late must not come before the step behind it."""
    clock = ToldClock(tmp_path / "clock")
    clock.tell(2)
    clock.tell(1)
    assert clock.now == int.from_bytes(clock.path.read_bytes(), "little") == 2


@pytest.mark.parametrize("message", ["", "the request received is invalid!", "ERROR (SQLSTATE 22021)"])
def test_an_expected_refusal_is_that_one_and_no_other(message: str) -> None:
    expected = Refusal("panic", Error.InvalidRequest, "the request received is invalid")
    body = DesiredLRPLifecycleResponse(error=Error(type=Error.InvalidRequest, message=message)).SerializeToString()
    assert not expected.matches(body)
