"""What holds after any sequence of calls."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bbs.models.records import Kind, parse_actual_lrp_key
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import SECOND, Board

INSTANCES = st.sampled_from(["ig-1", "ig-2", "ig-3"])
CELLS = {"ig-1": "cell-1", "ig-2": "cell-2", "ig-3": "cell-3"}
CALLS = st.sampled_from(
    ["claim", "start", "crash", "fail", "remove", "evacuate_running", "evacuate_claimed", "evacuate_crashed", "scale"]
)


def call(board: Board, name: str, guid: str) -> None:
    cell = CELLS[guid]
    match name:
        case "claim":
            board.post("/actual_lrps/claim", requests.claim(guid, cell))
        case "start":
            board.post("/actual_lrps/start.r1", requests.start(guid, cell))
        case "crash":
            board.post("/actual_lrps/crash", requests.crash(guid, cell))
        case "fail":
            request = actual.FailActualLRPRequest(actual_lrp_key=requests.key(), error_message=b"no cell")
            board.post("/actual_lrps/fail", request)
        case "remove":
            instance = requests.instance(guid, cell)
            board.post(
                "/actual_lrps/remove",
                actual.RemoveActualLRPRequest(process_guid="pg", actual_lrp_instance_key=instance),
            )
        case "evacuate_running":
            board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running(guid, cell))
        case "evacuate_claimed":
            request = requests.keyed(actual.EvacuateClaimedActualLRPRequest, guid, cell)
            board.post("/actual_lrps/evacuate_claimed", request)
        case "evacuate_crashed":
            request = requests.keyed(actual.EvacuateCrashedActualLRPRequest, guid, cell)
            request.error_message = b"exit"
            board.post("/actual_lrps/evacuate_crashed", request)
        case "scale":
            board.post(
                "/desired_lrp/update", desired.UpdateDesiredLRPRequest(process_guid="pg", update={"instances": 2})
            )


def tags(board: Board) -> dict[str, tuple[str, int]]:
    rows = {
        entry.key: actual.ActualLRP.FromString(entry.data).modification_tag
        for entry in board.records.entries(Kind.ACTUAL_LRPS)
    }
    return {key: (tag.epoch, tag.index) for key, tag in rows.items()}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CALLS, INSTANCES), max_size=25))
def test_a_tag_only_grows_and_every_written_row_moves_it(calls: list[tuple[str, str]]) -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    for name, guid in calls:
        before = tags(board)
        board.now += SECOND
        board.mutations = ()
        call(board, name, guid)
        after = tags(board)
        for mutation in board.mutations:
            key = mutation.key
            if mutation.kind is Kind.ACTUAL_LRPS and key in before and key in after and before[key][0] == after[key][0]:
                assert after[key][1] == before[key][1] + 1


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CALLS, INSTANCES), max_size=25))
def test_a_row_is_what_its_key_says_and_only_live_rows_name_a_cell(calls: list[tuple[str, str]]) -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    for name, guid in calls:
        call(board, name, guid)
        for entry in board.records.entries(Kind.ACTUAL_LRPS):
            row = actual.ActualLRP.FromString(entry.data)
            guid_in_key, index, presence = parse_actual_lrp_key(entry.key)
            assert (guid_in_key, index) == (row.actual_lrp_key.process_guid, row.actual_lrp_key.index)
            assert presence.value == actual.ActualLRP.Presence.Name(row.presence).lower()
            assert (row.state in ("CLAIMED", "RUNNING")) == bool(row.actual_lrp_instance_key.cell_id)
            assert row.HasField("routable")
