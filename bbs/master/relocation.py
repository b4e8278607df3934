"""The relocation: a master on etcd that moves its records instead of serving them, and what may come of it."""

from __future__ import annotations

from bbs.master.destination import Crossing
from bbs.master.moving import DestinationLost, Failed, Moved, Mover, Order
from bbs.master.parts import Parts
from bbs.master.serving import Unavailable
from bbs.migration.attempt import Withdrawn
from bbs.stores.anchor import Anchor
from bbs.stores.contract import StoreFull, StoreUnavailable


class Relocation:
    """A member's moves, over all its reigns on etcd."""

    def __init__(self, parts: Parts, crossing: Crossing) -> None:
        self._parts = parts
        self._crossing = crossing
        self._mover = Mover(parts, crossing.destination)

    def due(self, anchor: Anchor) -> bool:
        """Whether the holder of this anchor shall move now."""
        return self._crossing.due(anchor, managed=self._parts.abilities().managed)

    async def run(self, order: Order) -> Moved | Failed | Unavailable | None:
        """One attempt; Unavailable when it is etcd that does not answer, None when it was withdrawn or broke off.

        Raises EpochLost.
        """
        journal, began = self._parts.journal, self._parts.clock.steady()
        journal("move-started", to=self._crossing.destination.engine)
        try:
            outcome = await self._mover.run(order)
        except Withdrawn:
            journal("move-withdrawn")
            return None
        except DestinationLost as lost:
            self._crossing.broke_off(str(lost))
            journal("move-failed", key="", reason="DestinationUnavailable", message=str(lost))
            return None
        except (StoreUnavailable, StoreFull) as error:
            code = "StoreFull" if isinstance(error, StoreFull) else "StoreUnavailable"
            journal("store-trouble", code=code, message=str(error))
            return Unavailable(code, str(error), "see the store's own health")
        if isinstance(outcome, Failed):
            failure = outcome.failure
            journal("move-failed", key=failure.key, reason=failure.reason, message=failure.message)
        else:
            self._parts.figures.migration_duration = self._parts.clock.steady() - began
            journal("move-committed", records=outcome.records, to=self._crossing.destination.engine)
        return outcome
