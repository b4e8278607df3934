"""Calls to reps, found by their presence."""

from __future__ import annotations

import orjson
import pytest

from bbs.models.effects import CancelTask, RetireLRPInstance, StopLRPInstance, UpdateLRPInstance
from tests.components.waiting import until
from tests.outbound.conftest import Master


def stop(cell_id: str = "cell-1", instance: str = "ig") -> StopLRPInstance:
    return StopLRPInstance("pg", instance, cell_id)


def update(routes: tuple[str, ...] | None = ("a.internal",), tags: dict[str, str] | None = None) -> UpdateLRPInstance:
    return UpdateLRPInstance("pg", 2, "dom", "ig", "cell-1", routes, tags)


@pytest.mark.parametrize(
    ("effect", "call"),
    [
        (stop(), ("POST", "/v1/lrps/pg/instances/ig/stop")),
        (stop(instance="a/b c"), ("POST", "/v1/lrps/pg/instances/a%2Fb%20c/stop")),
        (RetireLRPInstance("pg", 0, "ig", "cell-1"), ("POST", "/v1/lrps/pg/instances/ig/stop")),
        (CancelTask("t", "cell-1"), ("POST", "/v1/tasks/t/cancel")),
        (update(), ("PUT", "/v2/lrps/pg/instances/ig")),
    ],
)
async def test_a_cell_is_called_where_its_presence_says(master: Master, effect: object, call: object) -> None:
    master.perform(effect)  # type: ignore[arg-type]
    request = await master.cell.request()
    assert (request.method, request.path) == call
    assert request.peer == "bbs"


async def test_an_update_names_what_changes_and_null_for_what_stays(master: Master) -> None:
    master.perform(update(tags=None))
    assert (await master.cell.request()).body == (
        b'{"instance_guid":"ig","process_guid":"pg","index":2,"domain":"dom",'
        b'"internal_routes":[{"hostname":"a.internal"}],"metric_tags":null}'
    )


async def test_an_older_rep_gets_the_routes_alone_and_may_have_lost_the_instance(master: Master) -> None:
    master.cell.will_answer(404, 404)
    master.perform(update(tags={"a": "b"}))
    older = await master.cell.request(2)
    assert older.path == "/v1/lrps/pg/instances/ig"
    assert orjson.loads(older.body)["metric_tags"] is None
    master.perform(stop())
    await master.cell.request(3)
    assert master.notes.events == []


async def test_an_update_of_tags_alone_is_not_repeated_for_an_older_rep(master: Master) -> None:
    master.cell.will_answer(404)
    master.perform(update(routes=None, tags={"a": "b"}))
    await until(lambda: master.notes.named("call-failed"))
    assert master.cell.asked() == [("PUT", "/v2/lrps/pg/instances/ig")]


async def test_a_retirement_is_asked_for_five_times_and_its_last_failure_is_the_clients(master: Master) -> None:
    master.cell.will_answer(500, 500, 500, 500, 500)
    retirement = RetireLRPInstance("pg", 0, "ig", "cell-1")
    master.perform(retirement)
    failure = await master.calls.settled(retirement)
    assert str(failure) == "http error: status code 500 (Internal Server Error)"
    assert len(master.cell.requests) == 5
    assert [noted["error"] for noted in master.notes.named("call-failed")] == [str(failure)]


async def test_a_retirement_that_succeeds_at_last_is_no_failure(master: Master) -> None:
    master.cell.will_answer(500, 503)
    retirement = RetireLRPInstance("pg", 0, "ig", "cell-1")
    master.perform(retirement)
    assert await master.calls.settled(retirement) is None
    assert len(master.cell.requests) == 3


@pytest.mark.parametrize("trace_id", ["", "7b3e1a2c-0d4f-4e5a-9b6c-1d2e3f405162"])
async def test_a_request_id_is_passed_on_to_a_cell_and_absent_when_there_is_none(master: Master, trace_id: str) -> None:
    master.perform(StopLRPInstance("pg", "ig", "cell-1", trace_id))
    assert (await master.cell.request()).headers.get("x-vcap-request-id") == (trace_id or None)


async def test_a_stop_is_tried_once(master: Master) -> None:
    master.cell.will_answer(500)
    master.perform(stop())
    await until(lambda: master.notes.named("call-failed"))
    assert len(master.cell.requests) == 1


async def test_a_cell_without_presence_is_left_to_convergence(master: Master) -> None:
    master.perform(stop("gone"))
    await until(lambda: master.notes.named("call-unneeded"))
    (noted,) = master.notes.named("call-unneeded")
    assert (noted["call"], noted["cell_id"]) == ("stop", "gone")


async def test_a_rep_url_without_tls_is_not_called(master: Master) -> None:
    await master.locket.present("plain", f"http://127.0.0.1:{master.cell.port}")
    master.perform(stop("plain"))
    await until(lambda: master.notes.named("call-failed"))
    (failed,) = master.notes.named("call-failed")
    assert failed["error"] == "https scheme is required but none of the addresses support it"


async def test_a_locket_that_is_away_fails_the_call_and_nothing_else(master: Master) -> None:
    await master.locket.stop()
    master.perform(stop())
    await until(lambda: master.notes.named("call-failed"))
    assert "rpc error: code = Unavailable" in master.notes.named("call-failed")[0]["error"]
