"""Words of the runner tests: an order to move what a store holds, and what is found in it afterwards."""

from __future__ import annotations

from typing import Any

from bbs.encryption.ciphers import PlainCipher
from bbs.interchange.digest import RecordDigest
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts
from bbs.master.committer import Draft
from bbs.migration.attempt import Order
from bbs.migration.progress import Progress
from bbs.migration.reading import Unread, read_records
from bbs.migration.runner import Runner
from bbs.migration.throttle import Throttle
from bbs.stores.anchor import Wanted
from tests.master.reign import Reign, place
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables

OLD, MIDDLE, NEW = 0, 1451635200, 4_000_000_001


def order(reign: Reign, target: int, *, managed: bool = False, key_label: str | None = None) -> Order:
    """To that version, as decided on the present generation."""
    anchor = reign.committer.anchor
    return Order(place(anchor), layouts()[target], PlainCipher(), anchor.generation, managed, key_label)


def runner(reign: Reign, seen: list[Progress] | None = None, per_second: int | None = None) -> Runner:
    """A runner of that reign."""
    report = [] if seen is None else seen
    return Runner(reign.committer, reign.clock, Throttle(reign.clock, per_second), report.append)


async def want(reign: Reign, version: int) -> None:
    """What an accepted call for a target writes."""
    await reign.committer.commit(lambda a: Draft(members={"wanted": Wanted(version, a.generation + 1)}))


def rows(tables: Tables, root: str) -> dict[str, Row]:
    """The rows of a root."""
    return dict(tables.rows.get(root, {}))


async def digest(tables: Tables) -> tuple[int, str]:
    """Count and digest of what is live."""
    assert tables.anchor is not None
    found = RecordDigest()
    store: Any = SimulatedStore(tables)
    async with store.snapshot() as snapshot:
        async for page in read_records(snapshot, place(tables.anchor)):
            for record in page:
                assert not isinstance(record, Unread), record
                found.add(record)
    return found.count, found.value


def staged(tables: Tables) -> set[str]:
    """Roots that are copies."""
    return {root for root, found in tables.rows.items() if "@" in root and found}


__all__ = ["MIDDLE", "NEW", "OLD", "digest", "order", "rows", "runner", "staged", "want"]
