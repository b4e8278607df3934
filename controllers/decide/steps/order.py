"""The order of a roll, and nothing else.

Up: (old, vo) -> (new, vo) -> (new, vn), and only then the cells. Down: the cells first, then the data, by the newer
binary, and the binaries last. The first step that is not done is the only one that acts. On the way up a tier is done
when its gate says so, and by nothing else.
"""

from controllers.decide.gates import Gate
from controllers.decide.steps.bbs import roll_bbs
from controllers.decide.steps.cells import roll_cells
from controllers.decide.steps.etcd import grow as grow_etcd
from controllers.decide.steps.etcd import roll as roll_etcd
from controllers.decide.steps.keys import activate
from controllers.decide.steps.move import leave_store, move_locket, move_store, withdraw_move
from controllers.decide.steps.roots import drop_old_roots
from controllers.decide.steps.target import lower_target, reach_target, withdraw
from controllers.decide.steps.tier import roll_tier
from controllers.decide.turn import Step, Turn
from controllers.decide.verdict import is_open


def locket(turn: Turn) -> Step:
    """Presence, before the BBS on the way up and after it on the way down."""
    return _passed(turn, "locket", Gate.LOCKET_CURRENT) or move_locket(turn) or roll_tier(turn, "locket")


def auctioneer(turn: Turn) -> Step:
    """Placement, after the schema on the way up and after the cells on the way down."""
    gates = () if turn.seen.going_down else (Gate.SCHEMA_CURRENT,)
    return _passed(turn, "auctioneer", Gate.AUCTIONEER_CURRENT) or roll_tier(turn, "auctioneer", *gates)


def target(turn: Turn) -> Step:
    """The data, once every BBS member is new."""
    return _passed(turn, "target", Gate.SCHEMA_CURRENT) or reach_target(turn)


def _passed(turn: Turn, name: str, gate: Gate) -> Step | None:
    upwards = not turn.seen.going_down
    return Step(name, done=True) if upwards and is_open(turn.verdicts[gate]) else None


UP = (
    withdraw,
    withdraw_move,
    grow_etcd,
    locket,
    roll_bbs,
    target,
    move_store,
    activate,
    auctioneer,
    roll_cells,
    roll_etcd,
    leave_store,
    drop_old_roots,
)
DOWN = (
    withdraw,
    withdraw_move,
    grow_etcd,
    roll_cells,
    auctioneer,
    lower_target,
    roll_bbs,
    locket,
    activate,
    roll_etcd,
    drop_old_roots,
)
"""The managed etcd grows before anybody is told of its new members, and shrinks when nobody asks those that go."""


def next_step(turn: Turn) -> Step:
    """The first step that is not done, or the last one."""
    step = Step("none", done=True)
    for take in DOWN if turn.seen.going_down else UP:
        step = take(turn)
        if not step.done:
            return step
    return step
