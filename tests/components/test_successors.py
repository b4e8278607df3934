"""Whether anybody is left to take apps over: only what is seen without a break counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bbs.client import Unreachable
from components.rep import successors
from components.rep.successors import Successors, has_address, in_cluster

OTHERS = ["cell-1", "cell-2"]
STEP_S = 15.0
"""Of the clock at each look: with a patience of 20 s the third look in a row decides."""


class World:
    """Answers by turn, the last one again and again: an exception is raised."""

    def __init__(self, addresses: list[Any], cells: list[Any]) -> None:
        self.looks = self.lists = 0
        self._addresses, self._cells = addresses, cells
        configuration = SimpleNamespace(evacuation_patience=20.0, bbs_members_address="members.ns.svc")
        cell: Any = SimpleNamespace(configuration=configuration, cell_id="cell-1", bbs=self)
        self.successors = Successors(cell, self._resolve, self._clock)

    def _clock(self) -> float:
        """Goes on with each look at that which changes."""
        return (self.lists if self._addresses == [True] else self.looks) * STEP_S

    async def cells(self) -> list[Any]:
        self.lists += 1
        return [SimpleNamespace(cell_id=each) for each in _turn(self._cells, self.lists - 1)]

    async def _resolve(self, _host: str) -> bool:
        self.looks += 1
        return bool(_turn(self._addresses, self.looks - 1))


def _turn(answers: list[Any], number: int) -> Any:
    answer = answers[min(number, len(answers) - 1)]
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(successors, "POLL_S", 0)


async def test_a_bbs_whose_members_have_had_no_address_for_the_patience_is_gone() -> None:
    world = World([True, False], [Unreachable("no")])
    assert await world.successors.gone() == "bbs_gone: members.ns.svc has had no address for 20 s"
    assert world.looks == 4


@pytest.mark.parametrize("unknown", [OSError("name server down"), TimeoutError()])
async def test_a_name_server_that_can_not_tell_proves_nothing(unknown: Exception) -> None:
    world = World([False, False, unknown, False], [Unreachable("no")])
    await world.successors.gone()
    assert world.looks == 6


async def test_the_only_cell_has_nobody_to_hand_over_to() -> None:
    world = World([True], [OTHERS, ["cell-1"]])
    assert await world.successors.gone() == "no_other_cell: cell-1 has been the only cell for 20 s"


@pytest.mark.parametrize("unknown", [Unreachable("no"), []])
async def test_a_bbs_that_does_not_answer_or_does_not_know_this_cell_proves_nothing(unknown: Any) -> None:
    world = World([True], [["cell-1"], ["cell-1"], unknown, ["cell-1"]])
    await world.successors.gone()
    assert world.lists == 6


async def test_the_real_resolver_finds_what_is_there() -> None:
    assert await has_address("localhost")


@pytest.mark.parametrize(
    ("resolver_file", "asked"),
    [
        ("search ns.svc.k8s.example svc.k8s.example k8s.example corp.example\nnameserver 10.96.0.10",
         "diego-bbs-members.ns.svc.k8s.example."),
        ("nameserver 10.0.0.1\n\n", "diego-bbs-members.ns.svc"),
        ("", "diego-bbs-members.ns.svc"),
    ],
)  # fmt: skip
def test_a_service_is_asked_for_in_its_own_cluster_alone(resolver_file: str, asked: str) -> None:
    assert in_cluster("diego-bbs-members.ns.svc", resolver_file) == asked


def test_a_name_that_is_no_service_is_asked_as_it_is() -> None:
    assert in_cluster("bbs.example.com", "search ns.svc.cluster.local svc.cluster.local") == "bbs.example.com"
