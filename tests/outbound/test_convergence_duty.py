"""Convergence as a duty of a master, with a real Locket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest

from bbs.convergence.duty import Convergence
from bbs.convergence.figures import Figures
from bbs.convergence.run import KnownCells
from bbs.convergence.timing import Timing
from bbs.convergence.turn import Turn
from bbs.master.parts import Reign
from bbs.master.serving import AnswerWithheld
from bbs.models.effects import RequestLRPAuction
from bbs.models.records import Kind
from bbs.models.state import Context, Transition
from bbs.outbound import Presences
from bbs.stores.anchor import Converger
from bbs.wire.actual_lrp_pb2 import ActualLRP
from tests.components.waiting import until
from tests.models import requests
from tests.models.board import Board
from tests.outbound.conftest import Configured, Master

INTERVAL_S = 0.1


class Serving:
    """A master's records, with the duty at work on them."""

    def __init__(self, master: Master) -> None:
        self.master = master
        self.board = Board(cells=None)
        self.known = KnownCells()
        self.cells_seen: list[frozenset[str] | None] = []
        self.failure: Exception | None = None
        self.before_submit: Callable[[], Awaitable[None]] = partial(asyncio.sleep, 0.0)
        self.abreast = self.most_abreast = 0
        self.converger: Converger | None = None
        self.interval = INTERVAL_S
        self.portions: list[int] = []

    def context(self, serving_since: int) -> Context:
        return Context(self.board.now, serving_since, self.board.new_guid, self.known.cells)

    async def submit(self, transition: Transition) -> bytes:
        self.abreast += 1
        self.most_abreast = max(self.abreast, self.most_abreast)
        context = self.context(0)
        await self.before_submit()
        self.abreast -= 1
        if self.failure is not None:
            raise self.failure
        self.cells_seen.append(context.cells)
        outcome = transition(self.board.records, context)
        self.board.records.apply(outcome.mutations)
        self.board.effects += outcome.effects
        self.portions += [len(outcome.effects)] if outcome.effects else []
        return outcome.response

    def start(self, presences: Presences | None = None) -> asyncio.Future[None]:
        presences = presences or self.master.presences
        clock, notes = self.master.clock, self.master.notes
        self.turn = Turn(clock)
        self.convergence = Convergence(
            self.interval, Timing(), presences, self.known, self.context, clock, notes, self.turn, Figures()
        )
        reign = Reign(self.submit, self.board.records, self.master.lease, 0, self.board.records.watch, self.converger)
        return asyncio.ensure_future(self.convergence.duty(reign))

    def desire(self, guid: str, instances: int = 1) -> None:
        self.board.put(Kind.DESIRED_LRPS, guid, requests.lrp(guid, instances).desired_lrp)

    def instances(self, guid: str) -> int:
        return len(self.board.records.group(Kind.ACTUAL_LRPS, guid))


@pytest.fixture
async def serving(master: Master) -> Serving:
    return Serving(master)


@pytest.fixture
async def converging(serving: Serving) -> AsyncIterator[Serving]:
    duty = serving.start()
    yield serving
    duty.cancel()
    await asyncio.wait([duty])


async def test_missing_instances_are_created_and_tasks_converge(converging: Serving) -> None:
    converging.desire("pg", 2)
    converging.board.post("/tasks/desire.r2", requests.desire_task("t"))
    converging.board.effects.clear()
    await until(lambda: converging.instances("pg") == 2 and len(converging.board.effects) >= 3)
    auctions = [one for one in converging.board.taken(RequestLRPAuction) if isinstance(one, RequestLRPAuction)]
    assert [one.start.indices for one in auctions] == [(0,), (1,)]


async def test_steps_know_the_cells_that_locket_names_and_nobody_does_between_runs(converging: Serving) -> None:
    converging.desire("pg")
    await until(lambda: converging.cells_seen)
    assert converging.cells_seen[0] == {"cell-1"}
    await until(lambda: converging.known.cells is None)


async def test_an_instance_on_a_cell_that_is_gone_becomes_suspect(converging: Serving) -> None:
    converging.board.post("/actual_lrps/start.r1", requests.start(cell="cell-1"))
    converging.desire("pg")
    await converging.master.locket.gone("cell-1")
    await until(lambda: converging.instances("pg") == 2)


async def test_a_run_without_locket_changes_nothing_and_the_next_one_works_again(serving: Serving) -> None:
    serving.desire("pg")
    await serving.master.locket.stop()
    duty = serving.start()
    await until(lambda: serving.master.notes.named("convergence-interrupted"))
    assert serving.instances("pg") == 0
    assert serving.known.cells is None
    assert not duty.done()
    duty.cancel()
    await asyncio.wait([duty])


async def test_a_bad_record_fails_its_own_step_alone(converging: Serving) -> None:
    converging.failure = ValueError("unreadable")
    converging.desire("pg", 3)
    await until(lambda: converging.master.notes.named("convergence-steps-failed"))
    noted = converging.master.notes.named("convergence-steps-failed")[0]
    assert noted == {"steps": 3, "first": "ValueError('unreadable')"}
    converging.failure = None
    await until(lambda: converging.instances("pg") == 3)


async def test_a_master_that_may_not_answer_ends_the_run_and_tries_the_next(converging: Serving) -> None:
    converging.failure = AnswerWithheld()
    converging.desire("pg", 3)
    await until(lambda: converging.master.notes.named("convergence-interrupted"))
    converging.failure = None
    await until(lambda: converging.instances("pg") == 3)


async def test_steps_share_commits_but_are_bounded(converging: Serving) -> None:
    converging.desire("pg", 600)
    await until(lambda: converging.instances("pg") == 600)
    assert converging.most_abreast == 250


async def test_a_cell_that_registers_during_a_run_is_known_to_the_steps_still_to_come(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bbs.convergence.run.CELLS_FRESH_S", 0.0)

    async def register() -> None:
        serving.before_submit = partial(asyncio.sleep, 0.0)
        await serving.master.locket.present("cell-2", "https://cell-2:1801")

    serving.before_submit = register
    serving.desire("pg", 600)
    duty = serving.start()
    await until(lambda: serving.instances("pg") == 600)
    assert serving.cells_seen[0] == {"cell-1"}
    assert serving.cells_seen[599] == {"cell-1", "cell-2"}
    duty.cancel()
    await asyncio.wait([duty])


async def test_without_locket_what_needs_no_presence_runs(serving: Serving, configured: Configured) -> None:
    serving.desire("pg", 2)
    serving.board.put(Kind.ACTUAL_LRPS, "pg/0/ordinary", running("pg", 0))
    duty = serving.start(Presences.configured_by(configured()))
    await until(lambda: serving.instances("pg") == 2)
    assert serving.board.ordinary("pg", 0).state == "RUNNING"
    assert serving.master.notes.named("convergence-without-presences")
    assert serving.convergence.status()["presences"] is False
    duty.cancel()
    await asyncio.wait([duty])


async def test_all_auctions_of_a_run_are_one_call(converging: Serving) -> None:
    converging.desire("a", 300)
    converging.desire("b", 300)
    await until(lambda: converging.board.taken(RequestLRPAuction))
    assert len(converging.board.taken(RequestLRPAuction)) == 600


async def test_very_many_auctions_are_handed_on_in_portions(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bbs.convergence.run.PORTION", 100)
    monkeypatch.setattr("bbs.convergence.run.BETWEEN_PORTIONS_S", 0.0)
    serving.interval = 3600.0
    serving.desire("a", 250)
    duty = serving.start()
    serving.turn.ask()
    await until(lambda: len(serving.board.taken(RequestLRPAuction)) == 250)
    assert serving.portions == [100, 100, 50]
    duty.cancel()
    await asyncio.wait([duty])


async def test_while_an_external_converger_has_its_turn_only_expired_domains_go(serving: Serving) -> None:
    serving.converger = Converger("external", 60.0)
    serving.desire("pg")
    serving.board.put(Kind.DOMAINS, "gone", b"", serving.board.now - 1)
    duty = serving.start()
    await until(lambda: serving.board.records.get(Kind.DOMAINS, "gone") is None)
    assert serving.instances("pg") == 0
    assert serving.convergence.status()["external"] == "external"
    serving.turn.hold(None)
    await until(lambda: serving.instances("pg") == 1)
    duty.cancel()
    await asyncio.wait([duty])


async def test_the_turn_of_an_external_converger_that_is_silent_for_its_ttl_ends(serving: Serving) -> None:
    serving.converger = Converger("external", 0.3)
    serving.desire("pg")
    duty = serving.start()
    await until(lambda: serving.instances("pg") == 1)
    assert serving.convergence.status()["external"] is None
    duty.cancel()
    await asyncio.wait([duty])


async def test_a_run_asked_for_comes_at_once_and_of_many_asked_for_meanwhile_one_follows(serving: Serving) -> None:
    serving.interval = 3600.0
    under_way, finish = asyncio.Event(), asyncio.Event()

    async def held() -> None:
        under_way.set()
        await finish.wait()

    serving.before_submit = held
    serving.desire("pg")
    duty = serving.start()
    assert serving.turn.ask()
    await asyncio.wait_for(under_way.wait(), 30)
    assert [serving.turn.ask() for _ in range(5)] == [True, False, False, False, False]
    finish.set()
    await until(lambda: serving.convergence.figures.task_runs == 2)
    assert not serving.turn.asked
    duty.cancel()
    await asyncio.wait([duty])


def running(guid: str, index: int) -> ActualLRP:
    row = ActualLRP(actual_lrp_key=requests.key(index, guid), state="RUNNING")
    row.actual_lrp_instance_key.cell_id = "gone"
    return row
