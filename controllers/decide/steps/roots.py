"""What a finished roll leaves behind in the store: the copy of the records at the data version before.

No way back needs it: the way down migrates what is live then. Dropping is no part of being Ready, so this step is
always done, and a drop that fails is asked for again on the next pass. A soak time is refused by the gate SpecAccepted.
"""

from controllers.decide.actions import DropRoots
from controllers.decide.gates import Gate
from controllers.decide.turn import Step, Turn

NAME = "roots"
COMPLETE = (Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_REACHABLE, Gate.SCHEMA_CURRENT)
"""SchemaCurrent: no BBS member of another release is left, one master serves, and no target is open."""


def drop_old_roots(turn: Turn) -> Step:
    """Comes last, so every tier is current. One root a pass; `if_generation` makes a call older than a flip stale."""
    master = turn.seen.master
    if master is None or master.data is None or not master.old_roots or turn.shut(*COMPLETE):
        return Step(NAME, done=True)
    root = master.old_roots[0]
    reason = f"the roll is complete, {root} is a superseded copy of the records"
    return Step(NAME, done=True, actions=(DropRoots(master.pod, (root,), master.data.generation, reason),))
