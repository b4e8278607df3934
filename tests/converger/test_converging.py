"""Fetch, harmonize, update: what the BBS would have done itself, and nothing over what has changed since."""

from __future__ import annotations

import pytest

from bbs.convergence.updates import Applied, Call, Step, Stored
from bbs.converger.converging import converge_once, harmonized
from bbs.converger.fetched import fetched
from bbs.master.serving import AdminRefusal
from bbs.models.effects import RequestLRPAuction
from bbs.models.records import Kind, Record
from bbs.wire.actual_lrp_pb2 import ActualLRP
from tests.converger.world import Client, world
from tests.models import requests
from tests.models.board import Board


def desired(instances: int = 2) -> Record:
    return Record(Kind.DESIRED_LRPS, "pg", requests.lrp(instances=instances).desired_lrp.SerializeToString())


async def test_missing_instances_are_created_from_outside() -> None:
    async with world() as found:
        member, convergence = await found.master()
        await found.store(member, desired())
        sums = await converge_once(Client(convergence), "a", 60)  # type: ignore[arg-type]
        assert sums == {"steps": 2, "applied": 2, "stale": 0, "failed": 0}
        assert [entry.state for entry in member.memory().group(Kind.ACTUAL_LRPS, "pg")] == ["UNCLAIMED"] * 2
        again = await converge_once(Client(convergence), "a", 60)  # type: ignore[arg-type]
        assert again["steps"] == 0


async def test_what_has_changed_since_it_was_fetched_is_not_overwritten() -> None:
    async with world() as found:
        member, convergence = await found.master()
        await found.store(member, desired(1))
        client = Client(convergence)
        facts = await client.take_convergence("a", 60)
        records = [(kind, record) for kind in Kind for record in await client.records(kind.value)]
        steps = list(harmonized(fetched(records), facts))
        row = ActualLRP(actual_lrp_key=requests.key(), state="RUNNING")
        await found.store(member, Record(Kind.ACTUAL_LRPS, "pg/0/ordinary", row.SerializeToString()))
        document = {"owner": "a", "epoch": 1, "steps": [step.model_dump() for step in steps]}
        assert await client.update_convergence(document) == {"applied": 0, "stale": 1, "failed": []}
        assert [entry.state for entry in member.memory().group(Kind.ACTUAL_LRPS, "pg")] == ["RUNNING"]


async def test_the_calls_out_are_the_bbss() -> None:
    board = Board(cells={"cell-1"})
    board.put(Kind.DESIRED_LRPS, "pg", requests.lrp().desired_lrp)
    facts = {"cells": ["cell-1"], "now": board.now, "serving_since": 0, "timing": {}}
    (step,) = harmonized(memory_of(board), facts)
    outcome = Applied(step).transition(board.records, board.context)
    (effect,) = outcome.effects
    assert isinstance(effect, RequestLRPAuction)
    assert (effect.start.process_guid, effect.start.indices) == ("pg", (0,))


@pytest.mark.parametrize(
    "step",
    [
        Step(read={}, put={"actual_lrps/pg/0/ordinary": Stored(data="")}),
        Step(read={"actual_lrps/pg/0/ordinary": None}, put={"actual_lrps/pg/0/ordinary": Stored(data="/w==")}),
        Step(read={"desired_lrps/pg": None}, delete=["desired_lrps/pg"]),
        Step(read={"nonsense": None}),
        Step(read={}, calls=[Call(call="reboot", members={})]),
        Step(read={}, calls=[Call(call="retire", members={"process_guid": 1})]),
    ],
)
async def test_a_step_that_fits_no_record_or_call_is_refused_whole(step: Step) -> None:
    async with world() as found:
        member, convergence = await found.master()
        client = Client(convergence)
        await client.take_convergence("a", 60)
        with pytest.raises(AdminRefusal) as refused:
            await client.update_convergence({"owner": "a", "epoch": 1, "steps": [step.model_dump()]})
        assert (refused.value.status, refused.value.code) == (422, "MalformedRequest")
        assert member.memory().entries(Kind.ACTUAL_LRPS) is not None


def memory_of(board: Board):  # type: ignore[no-untyped-def]
    import base64  # noqa: PLC0415

    records = board.records.entries_by_key.values()
    return fetched(
        (one.kind, {"key": one.key, "data": base64.b64encode(one.data).decode(), "deadline": one.deadline})
        for one in records
    )
