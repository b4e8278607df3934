"""Replays exchanges recorded from the real BBS (`golden/`, one file per scenario, nothing but path, time and bodies).

Answers are compared byte for byte, then without what differs from run to run: times, epochs and the order of lists.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError, Message

from bbs.convergence import lrp_steps
from bbs.convergence.timing import Timing
from bbs.models.tasks.lifecycle import names_callback
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models.board import BY_PATH, SECOND, Board

GOLDEN = Path(__file__).parent / "golden"
RESPONSES: dict[str, type[Message]] = {
    "/v1/domains/list": core.DomainsResponse,
    "/v1/actual_lrps/list": actual.ActualLRPsResponse,
    "/v1/actual_lrps/list_by_process_guids": actual.ActualLRPsResponse,
    "/v1/actual_lrp_groups/list": actual.ActualLRPGroupsResponse,
    "/v1/actual_lrp_groups/list_by_process_guid": actual.ActualLRPGroupsResponse,
    "/v1/actual_lrp_groups/get_by_process_guid_and_index": actual.ActualLRPGroupResponse,
    "/v1/desired_lrps/list.r3": desired.DesiredLRPsResponse,
    "/v1/desired_lrps/get_by_process_guid.r3": desired.DesiredLRPResponse,
    "/v1/desired_lrp_scheduling_infos/list": desired.DesiredLRPSchedulingInfosResponse,
    "/v1/desired_lrp_scheduling_infos/get_by_process_guid": desired.DesiredLRPSchedulingInfoByProcessGuidResponse,
    "/v1/desired_lrp_routing_infos/list": desired.DesiredLRPsResponse,
    "/v1/tasks/list.r3": task.TasksResponse,
    "/v1/tasks/get_by_task_guid.r3": task.TaskResponse,
}
RESPONSES |= {path[:-1] + "2": message for path, message in RESPONSES.items() if path.endswith(".r3")}
VARYING = {"since": 1, "created_at": 1, "updated_at": 1, "first_completed_at": 1, "epoch": "epoch"}
REVISION_3 = "/v1/tasks/desire.r3"
EACH_SECOND = Timing(interval=SECOND)


def differences(scenario: str) -> dict[int, str]:
    """The exchanges that this BBS answers otherwise: their path by number."""
    board = Board()
    found: dict[int, str] = {}
    for line in lines(scenario):
        if "op" in line:
            prepare(board, line)
        elif line["path"] == REVISION_3:
            assert not names_callback(base64.b64decode(line["request"]))  # 404 here and there
        elif line["path"] in BY_PATH and line["response"] is not None:
            board.now = line["at"]
            answer = board.post(line["path"].removeprefix("/v1"), base64.b64decode(line["request"]))
            if not same(line["path"], answer, base64.b64decode(line["response"])):
                found[line["seq"]] = line["path"]
    return found


def lines(scenario: str) -> Iterator[dict[str, Any]]:
    with gzip.open(GOLDEN / f"{scenario}.jsonl.gz", "rt") as file:
        for line in file:
            yield json.loads(line)


def prepare(board: Board, line: dict[str, Any]) -> None:
    """A step of the recording that is no call: a cell comes or goes, or convergence runs twice."""
    assert board.cells is not None
    match line["op"]:
        case "register_presence":
            board.cells.add(line["cell"])
        case "release_presence":
            board.cells.discard(line["cell"])
        case "converge":
            for _ in range(2):
                board.now += SECOND
                for step in lrp_steps(board.records, board.context, EACH_SECOND):
                    board.run(step)


def same(path: str, ours: bytes, theirs: bytes) -> bool:
    if ours == theirs or path not in RESPONSES:
        return ours == theirs
    try:
        return comparable(RESPONSES[path].FromString(ours)) == comparable(RESPONSES[path].FromString(theirs))
    except DecodeError:
        return False


def comparable(response: Message) -> list[bytes]:
    level(response)
    members = [value for field, value in response.ListFields() if field.is_repeated]
    items = [item for member in members for item in member] or [response]
    return sorted(
        item.encode() if isinstance(item, str) else item.SerializeToString(deterministic=True) for item in items
    )


def level(message: Message) -> None:
    for field, value in message.ListFields():
        if field.name in VARYING:
            setattr(message, field.name, VARYING[field.name])
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for nested in value if field.is_repeated else (value,):
                level(nested)
