"""Members that move: two simulated stores, `etcd` and `database`, and members that know one of them or both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bbs.layouts.contract import Row
from bbs.master.member import Member
from tests.master.members import Deployment
from tests.master.reign import OURS, Line, fill, mixed, reign
from tests.simulation.tables import Tables


class Moving(Deployment):
    """A deployment on etcd whose members may move to the database."""

    def __init__(self, etcd: Tables) -> None:
        super().__init__(etcd)
        self.etcd = etcd
        self.database = Tables()

    def both(self, name: str, *, managed: bool = True, lines: tuple[Line, Line] | None = None) -> Member:
        """A member with both stores begins to live; `lines`: the ways to etcd and to the database."""
        return self.start(name, managed=managed, destination=self.database, lines=lines)

    def on_etcd(self, name: str, *, managed: bool = True) -> Member:
        """One with etcd alone."""
        return self.start(name, managed=managed)

    def on_database(self, name: str, *, managed: bool = True) -> Member:
        """One with the database alone."""
        return self.start(name, managed=managed, tables=self.database)

    async def wish(self, *, wanted: bool = True, token: str = "go") -> None:
        """The operator's call, to whoever serves."""
        member = await self.serving()
        generation = member.status()["move"]["generation"]
        await self.clock.while_passing(member.set_move(f"{token}-{generation}", generation, wanted=wanted))

    async def on_the_database(self, *names: str) -> Member:
        """The member that serves the database, once one does."""
        asked = names or tuple(self.members)
        await self.clock.until(lambda: any(map(self.landed, asked)), within=120)
        return next(self.members[name] for name in asked if self.landed(name))

    async def state(self, name: str, state: str) -> dict[str, Any]:
        """What a member says of the move, once it says that state."""

        def said() -> dict[str, Any]:
            found: dict[str, Any] = self.members[name].status()["move"]
            return found

        await self.clock.until(lambda: said()["state"] == state, within=120)
        return said()

    def landed(self, name: str) -> bool:
        """Whether a member works on the database and serves."""
        member = self.members[name]
        return member.gate() is None and bool(member.status()["store"]["migrated_from"])

    def root(self) -> str:
        """The live root of the database."""
        assert self.database.anchor is not None
        return self.database.anchor.live.root

    def moved_rows(self) -> dict[str, Row]:
        """What is live in the database."""
        return self.database.rows.get(self.root(), {})


@asynccontextmanager
async def moving(records: int = 30, version: int = OURS) -> AsyncIterator[Moving]:
    """An etcd with records, that nobody holds; members end with it."""
    holder = await reign(version)
    fill(holder.tables, mixed(records))
    await holder.store.release(1, "bbs/1")
    found = Moving(holder.tables)
    try:
        yield found
    finally:
        for task in found.tasks.values():
            task.cancel()
        await asyncio.gather(*found.tasks.values(), return_exceptions=True)
