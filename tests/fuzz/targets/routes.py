"""Every route of the API. Input: the number of a route, then a body."""

from __future__ import annotations

from functools import cache

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from bbs.convergence import lrp_steps, task_steps
from bbs.encryption import PlainCipher
from bbs.layouts.contract import Unrepresentable
from bbs.layouts.registry import layouts, served
from bbs.models.events import Channel, Placed, occurrence, told
from bbs.models.index import indexed
from bbs.models.records import Kind, Mutation, parse_actual_lrp_key
from bbs.models.routes import ROUTES
from bbs.models.state import Outcome
from tests.fuzz.corpus import bodies
from tests.fuzz.responses import RESPONSES
from tests.fuzz.target import Target
from tests.models import requests
from tests.models.board import SECOND, Board, Records

PATHS = [route.path for route in ROUTES]
LISTS = [route for route in ROUTES if route.kind == "query" and "/list" in route.path]
LAYOUTS = [layouts()[version] for version in served()]
CIPHER = PlainCipher()


@cache
def small_state() -> Records:
    """A board with LRPs, instances in each state and presence, and tasks in each state."""
    board = Board()
    for guid in ("pg", "pg-1", "A-b_1"):
        board.post("/desired_lrp/desire.r2", requests.lrp(guid, instances=3))
    board.post("/actual_lrps/claim", requests.claim())
    board.post("/actual_lrps/start.r1", requests.start(index=1))
    board.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running("ig-2"))
    requests.make_suspect(board)
    for name in ("t", "t-1", "t-running", "t-done", "t-resolving"):
        board.post("/tasks/desire.r2", requests.desire_task(name, "http://127.0.0.1:1/done"))
    for name in ("t-running", "t-done", "t-resolving"):
        board.post("/tasks/start", requests.task.StartTaskRequest(task_guid=name, cell_id="cell-1"))
    for name in ("t-done", "t-resolving"):
        done = requests.task.CompleteTaskRequest(task_guid=name, cell_id="cell-1", result=b"ok")
        board.post("/tasks/complete", done)
    board.post("/tasks/resolving", requests.task.TaskGuidRequest(task_guid="t-resolving"))
    return board.records


def fresh_board() -> Board:
    board = Board(cells={"cell-1"})
    board.records.entries_by_key = dict(small_state().entries_by_key)
    return board


def check(data: bytes) -> None:
    """A valid answer of that route, and nothing was stored that anything else trips over."""
    route = ROUTES[data[0] % len(ROUTES)] if data else ROUTES[0]
    board = fresh_board()
    if route.kind == "query":
        require_answer(route.path, route.handle(data[1:], board.records, board.context))
        return
    outcome = route.handle(data[1:])(board.records, board.context)
    require_answer(route.path, outcome.response)
    if outcome.mutations:
        require_events(board, outcome)
        board.records.apply(outcome.mutations)
        require_storable(outcome.mutations)
        require_readable(board)


def require_answer(path: str, answer: bytes) -> None:
    """It is a message of that route, and holds nothing else."""
    response: Message = RESPONSES[path].FromString(answer)
    assert len(UnknownFieldSet(response)) == 0, f"{path} answers what its message does not know"


def require_events(board: Board, outcome: Outcome) -> None:
    """Every channel can tell it."""
    placed: list[Placed] = [
        (one.kind, one.key, indexed(one.record) if one.record else None) for one in outcome.mutations
    ]
    happened = occurrence(board.records, placed, outcome)
    for channel in Channel:
        for event in told(happened, channel) if happened else ():
            assert event.payload is not None


def require_storable(mutations: tuple[Mutation, ...]) -> None:
    """Our own layout holds it whole; an older one gives back what can be indexed, or says that it can't hold it."""
    for record in (one.record for one in mutations if one.record is not None):
        if record.kind is Kind.ACTUAL_LRPS:
            parse_actual_lrp_key(record.key)
        for layout in LAYOUTS:
            try:
                rows = layout.encode(record, CIPHER)
            except Unrepresentable:
                assert layout is not LAYOUTS[-1]
                continue
            if rows:
                back = layout.decode(record.kind, record.key, rows, CIPHER)
                indexed(back)
                assert layout is not LAYOUTS[-1] or back == record
                assert all(len(row.key.encode("utf-8", "surrogateescape")) < 4096 for row in rows)


def require_readable(board: Board) -> None:
    """Lists and convergence take what lies there now."""
    for route in LISTS:
        require_answer(route.path, route.handle(b"", board.records, board.context))  # type: ignore[call-arg]
    board.now += 60 * SECOND
    for step in (*lrp_steps(board.records, board.context), *task_steps(board.records, board.context)):
        board.run(step)


def _seeds() -> list[bytes]:
    recorded = [
        bytes((number,)) + body for number, path in enumerate(PATHS) for body in (b"", *bodies().get(path, ())[:60])
    ]
    return [*recorded, bytes((PATHS.index("/v1/desired_lrp/desire.r2"),)) + requests.lrp("new").SerializeToString()]


TARGET = Target(
    "routes",
    "every body is answered by a message of its route, and nothing stored by it makes anything else fail",
    _seeds(),
    check,
    words=(b"pg", b"pg-1", b"ig", b"cell-1", b"dom", b"t", b"t-1", b"http://", b"preloaded:cflinuxfs4", b"cf-router"),
    messages=1,
    weight=3,
)
