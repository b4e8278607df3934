"""The worked examples of docs/reference/wire.md, byte for byte."""

import json
from base64 import b64encode
from typing import TypeVar

import pytest
from google.protobuf.message import Message

from bbs.events.framing import chunk, line
from bbs.models.cells import cells_response
from bbs.models.events import Channel
from bbs.models.records import Kind
from bbs.models.routes import PONG
from bbs.wire.actual_lrp_pb2 import (
    ActualLRP,
    ActualLRPInstanceKey,
    ActualLRPNetInfo,
    CrashActualLRPRequest,
    StartActualLRPRequest,
)
from bbs.wire.desired_lrp_pb2 import DesireLRPRequest
from bbs.wire.events_pb2 import EventsByCellId
from tests.models import requests
from tests.models.board import SECOND, Board
from tests.models.telling import TellingBoard

Read = TypeVar("Read", bound=Message)

UPSERT = "0a0763662d617070731078"
DESIRE = (
    "0ac2010a0470672d31120763662d617070731a147072656c6f616465643a63666c696e757866733420023a1e1a1c0a072f62696e2f7368"
    "12022d631207736c656570203132047663617050800458800270903f7a3c0a3a0a0963662d726f75746572122d5b7b22686f73746e616d65"
    "73223a5b22612e6578616d706c652e636f6d225d2c22706f7274223a383038307d5d8a010470672d31d801e0d403e80180089a020b0a0569"
    "6e646578120210019a02130a09736f757263655f696412060a0470672d31"
)
UPDATE_TO_ZERO = "0a0470672d3112020800"
CLAIM = "0a0470672d3110011a0e0a0469672d31120663656c6c2d31"
START = (
    "0a0f0a0470672d311a0763662d61707073120e0a0469672d31120663656c6c2d311a290a0831302e302e302e35120f08903f10c9dc031883"
    "e00320cadc031a0a31302e3235352e302e39200222110a0f612e617070732e696e7465726e616c2a0a0a05696e64657812013030003a027a"
    "31"
)
LIST = "1a0470672d312000"
LISTED = (
    "127a0a0f0a0470672d311a0763662d61707073120e0a0469672d31120663656c6c2d311a290a0831302e302e302e35120f08903f10c9dc03"
    "1883e00320cadc031a0a31302e3235352e302e392002320752554e4e494e47408080a8b1e39fe7cb174a070a03652d311002620a0a05696e"
    "646578120130680172027a31"
)
UNCLAIMED = "0a0f0a0470672d311a0763662d6170707312001a003209554e434c41494d4544408080a8b1e39fe7cb174a050a03652d316800"
DESIRE_TASK = (
    "0a520a147072656c6f616465643a63666c696e75786673341a1e1a1c0a072f62696e2f736812022d631207736c6565702031320476636170"
    "2080042880024a026c67620d68747470733a2f2f63632f63626a01611203742d311a0863662d7461736b73"
)
EVACUATE_CLAIMED = "0a0f0a0470672d311a0763662d61707073120e0a0469672d31120663656c6c2d31"
CELLS = (
    "127e0a0663656c6c2d311214687474703a2f2f31302e302e302e353a313830301a027a31220908802010804018fa012a170a097072656c6f"
    "61646564120a63666c696e75786673342a080a06646f636b6572422c68747470733a2f2f63656c6c2d312e63656c6c2e736572766963652e"
    "63662e696e7465726e616c3a31383031"
)
CLAIMED = (
    "0a0f0a0470672d311a0763662d61707073120e0a0469672d31120663656c6c2d311a201a003209554e434c41494d4544408080a8b1e39fe7"
    "cb174a050a03652d31580022201a003207434c41494d4544408094938ee79fe7cb174a070a03652d3110015800"
)
CRASHED = "0a0f0a0470672d311a0763662d61707073120e0a0469672d31120663656c6c2d3118032206657869742031288094938ee79fe7cb17"
T0, T1 = 1_700_000_000 * SECOND, 1_700_000_001 * SECOND


class Exact(TellingBoard):
    """A board whose epochs are those of the examples."""

    def new_guid(self) -> str:
        return "e-1"


def rewritten(example: str, message: type[Read]) -> Read:
    """The message of an example, written and read once more."""
    return message.FromString(message.FromString(bytes.fromhex(example)).SerializeToString())


def post(board: Board, path: str, body: str) -> str:
    return board.post(path, bytes.fromhex(body)).hex()


def test_ping_is_available() -> None:
    assert PONG.hex() == "0801"


def test_a_domain_is_upserted_and_an_empty_one_refused() -> None:
    board = Board()
    assert post(board, "/domains/upsert", UPSERT) == ""
    assert board.records.entries(Kind.DOMAINS)[0].deadline == board.now + 120 * SECOND
    assert board.post("/domains/list").hex() == "12" + UPSERT[2:-4]
    assert post(board, "/domains/upsert", "") == "0a1908041215496e76616c6964206669656c643a20646f6d61696e"


def test_a_desired_lrp_is_stored_once() -> None:
    assert rewritten(DESIRE, DesireLRPRequest) == DesireLRPRequest.FromString(bytes.fromhex(DESIRE))
    board = Board()
    taken = "0a29080c122574686520726571756573746564207265736f7572636520616c726561647920657869737473"
    assert post(board, "/desired_lrp/desire.r2", DESIRE) == ""
    assert post(board, "/desired_lrp/desire.r2", DESIRE) == taken


def test_an_update_to_zero_instances_is_a_change() -> None:
    board = Board()
    post(board, "/desired_lrp/desire.r2", DESIRE)
    assert post(board, "/desired_lrp/update", UPDATE_TO_ZERO) == ""
    assert board.desired("pg-1").instances == 0


def test_a_second_claim_is_refused() -> None:
    board = Board()
    post(board, "/desired_lrp/desire.r2", DESIRE)
    assert post(board, "/actual_lrps/claim", CLAIM) == ""
    other = requests.claim("other", index=1)
    other.process_guid = "pg-1"
    assert board.post("/actual_lrps/claim", other).hex() == "0a1b080f121763616e6e6f7420636c61696d2061637475616c204c5250"


def test_an_unclaimed_row_is_answered_with_its_empty_members() -> None:
    board = Exact(now=T0)
    post(board, "/desired_lrp/desire.r2", DESIRE)
    assert board.ordinary("pg-1").SerializeToString().hex() == UNCLAIMED
    assert post(board, "/actual_lrps/list", LIST) == f"12{len(UNCLAIMED) // 2:02x}{UNCLAIMED}"


def test_a_claimed_and_started_instance_is_listed() -> None:
    board = Exact(now=T0)
    post(board, "/desired_lrp/desire.r2", DESIRE)
    post(board, "/actual_lrps/claim", CLAIM.replace("1001", ""))
    started = StartActualLRPRequest.FromString(bytes.fromhex(START))
    started.ClearField("actual_lrp_internal_routes")
    started.ClearField("Routable")
    assert board.post("/actual_lrps/start.r1", started) == b""
    assert post(board, "/actual_lrps/list", LIST) == LISTED


def test_a_start_without_row_makes_one() -> None:
    board = Board()
    assert post(board, "/actual_lrps/start.r1", START) == ""
    row = board.ordinary("pg-1")
    assert (row.state, row.routable, row.HasField("routable"), row.availability_zone) == ("RUNNING", False, True, "z1")
    assert [route.hostname for route in row.actual_lrp_internal_routes] == ["a.apps.internal"]
    assert (dict(row.metric_tags), row.actual_lrp_net_info.preferred_address) == ({"index": "0"}, ActualLRPNetInfo.HOST)


def test_a_task_is_started_once_and_not_after_its_end() -> None:
    board = Board()
    assert post(board, "/tasks/desire.r2", DESIRE_TASK) == ""
    start = "0a03742d31120663656c6c2d31"
    assert post(board, "/tasks/start", start) == "1001"
    assert post(board, "/tasks/start", start) == ""
    assert post(board, "/tasks/complete", start) == ""
    assert post(board, "/tasks/start", start) == (
        "0a2f0809122b43616e6e6f74207472616e736974696f6e2066726f6d20436f6d706c6574656420746f2052756e6e696e67"
    )


def test_evacuating_an_unknown_claimed_instance_finds_nothing() -> None:
    refused = "0a2d080d122974686520726571756573746564207265736f7572636520636f756c64206e6f7420626520666f756e64"
    assert post(Board(), "/actual_lrps/evacuate_claimed", EVACUATE_CLAIMED) == refused


def test_a_running_container_is_kept_while_its_replacement_is_sought() -> None:
    board = Board()
    requests.in_state(board, "RUNNING")
    assert board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running()).hex() == "1001"


def test_cells_are_encoded_from_their_presence_documents() -> None:
    document = {
        "cell_id": "cell-1",
        "rep_address": "http://10.0.0.5:1800",
        "zone": "z1",
        "capacity": {"memory_mb": 4096, "disk_mb": 8192, "containers": 250},
        "rootfs_provider_list": [{"name": "preloaded", "properties": ["cflinuxfs4"]}, {"name": "docker"}],
        "rep_url": "https://cell-1.cell.service.cf.internal:1801",
        "annotations": {},
        "unknown": 1,
    }
    assert cells_response([json.dumps(document), b"{not json", b"[]"]).hex() == CELLS


def test_an_instance_key_keeps_its_order_on_the_wire() -> None:
    key = ActualLRPInstanceKey(instance_guid="ig-1", cell_id="cell-1")
    assert key.SerializeToString().hex() == "0a0469672d31120663656c6c2d31"


def test_a_subscription_names_its_cell() -> None:
    assert EventsByCellId(cell_id="cell-1").SerializeToString().hex() == "0a0663656c6c2d31"


def test_a_claim_is_told_as_one_chunk() -> None:
    board = Exact(now=T0)
    post(board, "/desired_lrp/desire.r2", DESIRE)
    board.now = T1
    post(board, "/actual_lrps/claim", CLAIM.replace("1001", ""))
    [event] = board.events[Channel.INSTANCES]
    assert (event.name, event.payload.hex()) == ("actual_lrp_instance_changed", CLAIMED)
    sent = chunk(0, line(Channel.INSTANCES, event).text)
    assert (sent[:4], sent[-3:], len(sent)) == (b"b9;\r", b"\n\r\n", len(b"b9;\r\n") + 185 + len(b"\r\n"))


def test_a_crash_is_told_with_its_instance_and_count() -> None:
    board = Exact(now=T1)
    row = ActualLRP.FromString(bytes.fromhex(LISTED)[2:])
    row.crash_count, row.since = 2, T1
    board.put(Kind.ACTUAL_LRPS, "pg-1/0/ordinary", row)
    request = CrashActualLRPRequest(actual_lrp_key=row.actual_lrp_key, error_message=b"exit 1")
    request.actual_lrp_instance_key.CopyFrom(row.actual_lrp_instance_key)
    board.post("/actual_lrps/crash", request)
    crashed, _ = board.events[Channel.INSTANCES]
    assert (crashed.name, crashed.payload.hex()) == ("actual_lrp_crashed", CRASHED)


@pytest.mark.parametrize(
    ("example", "base64"),
    [
        (UPSERT, "CgdjZi1hcHBzEHg="),
        (UPDATE_TO_ZERO, "CgRwZy0xEgIIAA=="),
        (CLAIM, "CgRwZy0xEAEaDgoEaWctMRIGY2VsbC0x"),
        (LIST, "GgRwZy0xIAA="),
        (EVACUATE_CLAIMED, "Cg8KBHBnLTEaB2NmLWFwcHMSDgoEaWctMRIGY2VsbC0x"),
        (CRASHED, "Cg8KBHBnLTEaB2NmLWFwcHMSDgoEaWctMRIGY2VsbC0xGAMiBmV4aXQgMSiAlJOO55/nyxc="),
    ],
)
def test_both_spellings_of_an_example_are_the_same_bytes(example: str, base64: str) -> None:
    assert b64encode(bytes.fromhex(example)).decode() == base64
