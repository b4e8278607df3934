"""A retirement is answered when its call out has ended; request ids reach the calls out that pass them on."""

from __future__ import annotations

import pytest

from bbs.client.locket import LocketError
from bbs.master.serving import AnswerWithheld
from bbs.models.auction import start_of
from bbs.models.effects import CancelTask, RequestLRPAuction, RetireLRPInstance, StopLRPInstance
from bbs.models.records import Kind
from bbs.models.state import Context, Effect, Outcome, Transition, View
from bbs.models.traces import passed_on
from bbs.outbound.exchange import CallFailed, Withheld
from bbs.outbound.rep import NoRepURL
from bbs.server import BBSApplication
from bbs.server.following import AWAITED
from bbs.server.message import Request, Response
from bbs.server.whereabouts import RETIRE, RepURL
from bbs.wire.core_pb2 import Error
from tests.models import requests
from tests.models.board import Board, error_of
from tests.server.member import no_cells


class Serving(Board):
    """A board that serves."""

    def gate(self) -> None:
        return None

    def memory(self) -> View:
        return self.records

    gone: tuple[str, ...] = ()

    async def submit(self, transition: Transition) -> bytes:
        def noted(view: View, context: Context) -> Outcome:
            outcome = transition(view, context)
            self.gone = outcome.account.gone
            return outcome

        return self.run(noted)


async def nobody(_cell_id: str) -> str | None:
    return None


async def posted(
    board: Serving,
    path: str,
    body: bytes,
    failure: Exception | None,
    trace_id: str = "",
    rep_url: RepURL | None = None,
) -> Response:
    awaited: list[Effect] = []

    async def settled(effect: Effect) -> Exception | None:
        awaited.append(effect)
        return failure

    application = BBSApplication(board, lambda: board.context, no_cells, settled=settled, rep_url=rep_url)  # type: ignore[arg-type]
    pending = application.answer(Request("POST", path, headers={"x-vcap-request-id": trace_id}, body=body))
    assert not isinstance(pending, Response)
    response = await pending
    assert all(any(one is effect for one in board.effects) for effect in awaited)
    return response


def running() -> Serving:
    board = Serving(cells=None)
    requests.in_state(board, "RUNNING")
    board.effects.clear()
    return board


async def test_the_last_failure_of_a_retirement_is_what_the_client_is_told() -> None:
    failure = CallFailed("http error: status code 500 (Internal Server Error)")
    response = await posted(running(), RETIRE, requests.retire().SerializeToString(), failure)
    error = error_of(bytes(response.body))
    assert (error.type, error.message) == (Error.UnknownError, str(failure))


async def test_a_retirement_that_its_cell_took_is_a_success() -> None:
    response = await posted(running(), RETIRE, requests.retire().SerializeToString(), None)
    assert (response.status, response.body) == (200, b"")


async def test_an_instance_on_a_cell_that_is_gone_is_deleted_and_told_removed_once() -> None:
    board = running()
    response = await posted(board, RETIRE, requests.retire().SerializeToString(), None, rep_url=nobody)
    assert (response.body, board.row("pg", 0), board.effects, board.gone) == (b"", None, [], ())


async def test_a_locket_that_can_not_tell_ends_a_retirement_before_anything_is_told() -> None:
    async def away(_cell_id: str) -> str | None:
        error = LocketError("Locket Fetch: UNAVAILABLE")
        error.status = "rpc error: code = Unavailable desc = connection refused"
        raise error

    board = running()
    response = await posted(board, RETIRE, requests.retire().SerializeToString(), None, rep_url=away)
    error = error_of(bytes(response.body))
    assert (error.type, error.message) == (
        Error.UnknownError,
        "rpc error: code = Unavailable desc = connection refused",
    )
    assert (board.ordinary().state, board.effects) == ("RUNNING", [])


async def test_an_instance_that_moved_while_locket_was_asked_is_not_deleted() -> None:
    board = running()

    async def moves(_cell_id: str) -> str | None:
        row = board.ordinary()
        row.actual_lrp_instance_key.cell_id = "cell-2"
        board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", row)
        return None

    await posted(board, RETIRE, requests.retire().SerializeToString(), None, rep_url=moves)
    (effect,) = board.effects
    assert isinstance(effect, RetireLRPInstance)
    assert (effect.cell_id, board.ordinary().state) == ("cell-2", "RUNNING")


async def test_a_row_without_a_cell_is_retired_without_asking_locket() -> None:
    board = Serving(cells=None)
    requests.in_state(board, "CRASHED")

    async def never(_cell_id: str) -> str | None:
        raise AssertionError

    await posted(board, RETIRE, requests.retire().SerializeToString(), None, rep_url=never)
    assert board.row("pg", 0) is None


async def test_a_retirement_that_may_not_leave_any_more_is_not_answered() -> None:
    with pytest.raises(AnswerWithheld):
        await posted(running(), RETIRE, requests.retire().SerializeToString(), Withheld())


@pytest.mark.parametrize(("failure", "told"), [(CallFailed("hidden"), False), (NoRepURL("no url"), True)])
async def test_of_a_cancelled_task_only_a_cell_that_can_not_be_called_is_told(failure: Exception, told: bool) -> None:
    board = Serving()
    board.post("/tasks/desire.r2", requests.desire_task())
    board.post("/tasks/start", requests.start_task())
    response = await posted(board, "/v1/tasks/cancel", requests.start_task().SerializeToString(), failure)
    assert bool(response.body) is told


async def test_a_request_id_goes_with_the_calls_out_of_its_route() -> None:
    board = running()
    await posted(board, RETIRE, requests.retire().SerializeToString(), None, "abc-1")
    (effect,) = board.effects
    assert isinstance(effect, RetireLRPInstance)
    assert effect.trace_id == "abc-1"


@pytest.mark.parametrize(
    ("path", "passed"),
    [
        ("/v1/desired_lrp/desire.r2", {RequestLRPAuction}),
        ("/v1/desired_lrp/update", {RequestLRPAuction, StopLRPInstance}),
        ("/v1/desired_lrp/remove", {StopLRPInstance}),
        ("/v1/actual_lrps/crash", set()),
        ("/v1/tasks/cancel", {CancelTask}),
    ],
)
def test_routes_pass_on_what_the_real_bbs_passes_on(path: str, passed: set[type[Effect]]) -> None:
    board = Board()
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp().desired_lrp)
    effects = (
        RequestLRPAuction(start_of(board.desired(), (0,))),
        StopLRPInstance("pg", "ig", "c"),
        CancelTask("t", "c"),
    )

    def transition(_view: View, _context: Context) -> Outcome:
        return Outcome(b"", effects=effects)

    outcome = passed_on(transition, path, "id")(board.records, board.context)
    assert {type(effect) for effect in outcome.effects if getattr(effect, "trace_id", "")} == passed


def test_only_retirements_and_cancellations_are_waited_for() -> None:
    assert set(AWAITED) == {"/v1/actual_lrps/retire", "/v1/tasks/cancel"}
