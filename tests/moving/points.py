"""Crash points of a move: the operations of both stores in their order, and a member that dies at one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from bbs.layouts.contract import Row
from bbs.stores.contract import StoreUnavailable
from tests.master.reign import Line
from tests.moving.members import Moving, moving

_T = TypeVar("_T")
_QUIET = ("renew", "read-liveness")
"""Asked again and again at times of their own: the number of an operation would mean another one each time."""


class Point(NamedTuple):
    """At which operation, counted from 1; `before` it was sent, or when it was `applied` and nobody was told."""

    operation: int
    moment: str


@dataclass
class Fuse:
    """Counts the operations of both stores from `lit` on, and is blown at the point."""

    point: Point | None = None
    lit: bool = False
    blown: bool = False

    def __post_init__(self) -> None:
        self.names: list[str] = []


class FusedLine(Line):
    """A line to one of the stores. Once the fuse is blown nothing passes, whoever calls."""

    def __init__(self, fuse: Fuse, store: str) -> None:
        super().__init__()
        self._fuse = fuse
        self._store = store

    async def call(self, name: str, operation: Callable[[], _T]) -> _T:
        fuse = self._fuse
        if fuse.lit and not fuse.blown and name not in _QUIET:
            fuse.names.append(f"{self._store} {name}")
            if fuse.point is not None and fuse.point.operation == len(fuse.names):
                fuse.blown = True
                if fuse.point.moment == "applied":
                    operation()
        if fuse.blown:
            raise StoreUnavailable(f"dead at {fuse.point}")
        return await super().call(name, operation)


async def _moved(world: Moving, fuse: Fuse) -> None:
    """A member moves, or dies of its fuse."""
    world.both("a", lines=(FusedLine(fuse, "etcd"), FusedLine(fuse, "database")))
    await world.serving("a")
    fuse.lit = True
    wish = asyncio.ensure_future(world.wish())
    try:
        await world.clock.until(lambda: fuse.blown or bool(world.landed("a")), within=120)
    finally:
        wish.cancel()
        await asyncio.gather(wish, return_exceptions=True)


def rehearsed() -> list[str]:
    """The operations of an uninterrupted move."""

    async def run() -> list[str]:
        fuse = Fuse()
        async with moving() as world:
            await _moved(world, fuse)
        return fuse.names

    return asyncio.run(run())


async def play(point: Point, operations: list[str]) -> None:
    """Die there; between, exactly one store may be served; then another member finishes."""
    async with moving() as world:
        before = _live(world)
        fuse = Fuse(point)
        await _moved(world, fuse)
        assert fuse.names == operations[: point.operation], "the same point is the same operation in each run"
        await world.kill("a")
        _legal(world, before)
        world.both("b")
        member = await world.serving("b")
        if member.status()["move"]["state"] != "Moved":
            assert _live(world) == before
            if not member.status()["move"]["wanted"]:
                await world.wish(token="again")
        await world.on_the_database("b")
        assert world.moved_rows() == before
        assert _live(world) == before
        assert [root for root, rows in world.database.rows.items() if rows] == [world.root()]


def _live(world: Moving) -> dict[str, Row]:
    assert world.etcd.anchor is not None
    return dict(world.etcd.rows[world.etcd.anchor.live.root])


def _legal(world: Moving, before: dict[str, Row]) -> None:
    """Of the two, one store at most is live, and it is whole."""
    assert world.etcd.anchor is not None
    there = world.database.anchor
    live_there = there is not None and there.arriving is None
    assert _live(world) == before
    if live_there:
        assert world.etcd.anchor.moved
        assert world.moved_rows() == before
    if world.etcd.anchor.moved and not live_there:
        assert there is not None
        assert world.etcd.anchor.move is not None
        assert there.arriving == world.etcd.anchor.move.arrival
        assert world.database.rows[there.arriving.root] == before  # type: ignore[union-attr]
