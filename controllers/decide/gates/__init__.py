"""The gates of a roll: one function each, from what was seen to a verdict with words."""

from collections.abc import Callable
from enum import StrEnum

from controllers.decide.gates.auctioneer_current import auctioneer_current
from controllers.decide.gates.finalizable import finalizable
from controllers.decide.gates.healthy import healthy
from controllers.decide.gates.keyring_distributed import keyring_distributed
from controllers.decide.gates.locket_current import locket_current
from controllers.decide.gates.master_serving import master_serving
from controllers.decide.gates.move_alone import move_alone
from controllers.decide.gates.move_prepared import move_prepared
from controllers.decide.gates.next_cell_allowed import next_cell_allowed
from controllers.decide.gates.paused import paused
from controllers.decide.gates.prepared import prepared
from controllers.decide.gates.schema_current import schema_current
from controllers.decide.gates.spec_accepted import spec_accepted
from controllers.decide.gates.step_allowed import step_allowed
from controllers.decide.gates.store_change_declared import store_change_declared
from controllers.decide.gates.store_moved import store_moved
from controllers.decide.gates.store_reachable import store_reachable
from controllers.decide.seen import Seen
from controllers.decide.verdict import Verdict


class Gate(StrEnum):
    """In the order in which a roll meets them: UpgradeBlocked names the first that needs a person."""

    SPEC_ACCEPTED = "SpecAccepted"
    PAUSED = "Paused"
    STORE_REACHABLE = "StoreReachable"
    STORE_CHANGE_DECLARED = "StoreChangeDeclared"
    MOVE_ALONE = "MoveAlone"
    KEYRING_DISTRIBUTED = "KeyringDistributed"
    STEP_ALLOWED = "StepAllowed"
    HEALTHY = "Healthy"
    MASTER_SERVING = "MasterServing"
    LOCKET_CURRENT = "LocketCurrent"
    PREPARED = "Prepared"
    SCHEMA_CURRENT = "SchemaCurrent"
    MOVE_PREPARED = "MovePrepared"
    STORE_MOVED = "StoreMoved"
    FINALIZABLE = "Finalizable"
    AUCTIONEER_CURRENT = "AuctioneerCurrent"
    NEXT_CELL_ALLOWED = "NextCellAllowed"


GATES: dict[Gate, Callable[[Seen], Verdict]] = {
    Gate.SPEC_ACCEPTED: spec_accepted,
    Gate.PAUSED: paused,
    Gate.STORE_REACHABLE: store_reachable,
    Gate.STORE_CHANGE_DECLARED: store_change_declared,
    Gate.MOVE_ALONE: move_alone,
    Gate.KEYRING_DISTRIBUTED: keyring_distributed,
    Gate.STEP_ALLOWED: step_allowed,
    Gate.HEALTHY: healthy,
    Gate.MASTER_SERVING: master_serving,
    Gate.LOCKET_CURRENT: locket_current,
    Gate.PREPARED: prepared,
    Gate.SCHEMA_CURRENT: schema_current,
    Gate.MOVE_PREPARED: move_prepared,
    Gate.STORE_MOVED: store_moved,
    Gate.FINALIZABLE: finalizable,
    Gate.AUCTIONEER_CURRENT: auctioneer_current,
    Gate.NEXT_CELL_ALLOWED: next_cell_allowed,
}

__all__ = ["GATES", "Gate"]
