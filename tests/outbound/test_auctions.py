"""Requests to the auctioneer."""

from __future__ import annotations

from dataclasses import replace

import orjson

from bbs.models.effects import LRPStart, RequestLRPAuction, RequestTaskAuction, TaskStart
from tests.components.waiting import until
from tests.outbound.conftest import Master


def lrp(guid: str, *indices: int) -> RequestLRPAuction:
    return RequestLRPAuction(LRPStart(guid, "dom", indices, (), (), "preloaded:cflinuxfs4", 256, 512, 1024))


def task(guid: str) -> RequestTaskAuction:
    return RequestTaskAuction(TaskStart(guid, "dom", (), (), "preloaded:cflinuxfs4", 256, 512, 0))


async def test_the_auctions_of_many_transitions_become_one_call(master: Master) -> None:
    master.decide(lrp("pg", 0))
    master.decide(lrp("other", 3), task("t-1"))
    master.perform(lrp("pg", 0, 1), task("t-2"))
    await master.auctioneer.request(2)
    by_path = {request.path: request for request in master.auctioneer.requests}
    placed = [(start["process_guid"], start["indices"]) for start in orjson.loads(by_path["/v1/lrps"].body)]
    assert placed == [("pg", [0]), ("other", [3]), ("pg", [1])]
    assert [start["TaskGuid"] for start in orjson.loads(by_path["/v1/tasks"].body)] == ["t-1", "t-2"]
    assert len(master.auctioneer.requests) == 2


async def test_the_auctioneer_is_called_with_the_identity_of_the_bbs_and_the_documents_of_the_wire(
    master: Master,
) -> None:
    master.perform(lrp("pg", 0, 1))
    request = await master.auctioneer.request()
    assert (request.method, request.path, request.peer) == ("POST", "/v1/lrps", "bbs")
    assert request.headers["content-type"] == "application/json"
    assert request.body == (
        b'[{"process_guid":"pg","domain":"dom","indices":[0,1],"PlacementTags":null,"VolumeDrivers":[],'
        b'"RootFs":"preloaded:cflinuxfs4","MemoryMB":256,"DiskMB":512,"MaxPids":1024}]'
    )


async def test_an_auctioneer_that_refuses_is_only_noted(master: Master) -> None:
    master.auctioneer.will_answer(503)
    master.perform(lrp("pg", 0))
    await until(lambda: master.notes.named("call-failed"))
    (failed,) = master.notes.named("call-failed")
    assert failed == {"call": "place-lrps", "lrps": 1, "error": "127.0.0.1 answered 503, wanted 202"}
    assert len(master.auctioneer.requests) == 1


async def test_an_auctioneer_that_hangs_holds_up_no_cell(master: Master) -> None:
    from tests.outbound.test_cell_calls import stop  # noqa: PLC0415 - the same effect as there

    master.auctioneer.hangs = 2
    master.perform(lrp("pg", 0), task("t"), stop())
    await master.cell.request()
    await until(lambda: len(master.notes.named("call-failed")) == 2)
    assert {failed["error"] for failed in master.notes.named("call-failed")} == {
        f"127.0.0.1:{master.auctioneer.port}: no answer in time"
    }


async def test_a_request_id_is_passed_on_and_parts_the_calls_and_is_empty_when_there_is_none(master: Master) -> None:
    master.perform(replace(lrp("a", 0), trace_id="abc-1"), lrp("b", 0), lrp("c", 0))
    await master.auctioneer.request(2)
    calls = {request.headers["x-vcap-request-id"]: orjson.loads(request.body) for request in master.auctioneer.requests}
    assert {name: [one["process_guid"] for one in body] for name, body in calls.items()} == {
        "abc-1": ["a"],
        "": ["b", "c"],
    }
