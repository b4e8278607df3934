"""The move of the records to another store: asked for, withdrawn, followed by Locket, and what it leaves taken away.

Before it is asked for, the roll of the BBS tells every member of both stores; after it, of the new one alone. Each step
looks at the world anew, so the operator may die between any two calls.
"""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.actions import (
    Action,
    ApplyObject,
    RemoveObject,
    RemoveWorkload,
    ScaleWorkload,
    SetMove,
    WriteWorkload,
)
from controllers.decide.gates import Gate
from controllers.decide.observation import Move, Workload
from controllers.decide.steps.tier import BEFORE_A_HEALTHY_POD, BEFORE_ANY_TEMPLATE
from controllers.decide.tokens import move_token
from controllers.decide.turn import Step, Turn

NAME = "move"
BEFORE_THE_CALL = (
    *BEFORE_ANY_TEMPLATE,
    Gate.STORE_REACHABLE,
    Gate.KEYRING_DISTRIBUTED,
    Gate.HEALTHY,
    Gate.SCHEMA_CURRENT,
)
"""SchemaCurrent: every member is there and answers, one serves, and no migration is under way or wanted."""
ONCE_BEGUN = (Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_CHANGE_DECLARED)
"""What brings Locket back on its old store once all its pods were taken: a person's word, never a passing silence."""


def withdraw_move(turn: Turn) -> Step:
    """Before a member is rolled back to one store: a spec that asks for no move is obeyed until the commit."""
    seen, pending = turn.seen, moving.wish(turn.seen)
    if pending is None or moving.declared(seen) or moving.unnoted(seen) or moving.moved_from(seen):
        return Step("withdraw", done=True)
    if shut := turn.shut(Gate.PAUSED):
        return turn.held("withdraw", shut, Reason.MOVE_WITHDRAWING)
    if seen.master is None:
        return _wait(f"a master that takes the move to {pending.to} back", Reason.MOVE_WITHDRAWING, "withdraw")
    call = _call(turn, seen.master.pod, pending, wanted=False, reason=f"the move to {pending.to} is withdrawn")
    return Step("withdraw", done=False, actions=(call,), reason=Reason.MOVE_WITHDRAWING)


def move_store(turn: Turn) -> Step:
    """Done when the note says that the records have moved, which is written as soon as a master tells it."""
    seen, master = turn.seen, turn.seen.master
    if not moving.declared(seen):
        return Step(NAME, done=True)
    move = master.move if master is not None else None
    if master is None or move is None:
        return _wait("a master that knows both stores", Reason.MOVE_PREPARING)
    if move.wanted and (not move.failed or move.token == move_token(seen.wanted)):
        return turn.held(NAME, Gate.STORE_MOVED, Reason.MOVE_FAILED if move.failed else Reason.MOVING)
    if shut := turn.shut(*BEFORE_THE_CALL, Gate.MOVE_PREPARED):
        return turn.held(NAME, shut, Reason.MOVE_PREPARING)
    said = f"the records move from {seen.wanted.migrates_from} to {seen.wanted.store}"
    call = _call(turn, master.pod, move, wanted=True, reason=f"{said}, once more" if move.failed else said)
    return Step(NAME, done=False, actions=(call,), reason=Reason.MOVING)


def move_locket(turn: Turn) -> Step | None:
    """All Locket pods at once: locks in two stores would be two lock services. None: it is where the records are."""
    if not moving.lockets_elsewhere(turn.seen):
        return None
    found = turn.seen.world.workloads[turn.seen.wanted.of("locket")[0].name]
    if found.replicas:
        if shut := turn.shut(*BEFORE_ANY_TEMPLATE, *BEFORE_A_HEALTHY_POD, Gate.STORE_MOVED):
            return turn.held("locket", shut, Reason.MOVE_SETTLING)
        return _settle(ScaleWorkload(found.name, 0, "all its pods go to the other store at once"))
    if shut := turn.refused(*ONCE_BEGUN):
        return turn.held("locket", shut, Reason.MOVE_SETTLING)
    if found.pods or not found.settled:
        return _wait(f"{found.name}: its pods are going", Reason.MOVE_SETTLING, "locket")
    version = turn.seen.wanted.workloads[found.name].version
    return _settle(WriteWorkload(found.name, version, f"its locks go to {turn.seen.wanted.store}"))


def emptied(turn: Turn) -> tuple[Action, ...]:
    """A Locket without pods comes back: on the new store, or on the old one when it may not go on."""
    found = [turn.seen.world.workloads.get(one.name) for one in turn.seen.wanted.of("locket")]
    return tuple(_back(turn, one) for one in found if one is not None and one.replicas == 0 and not _going(turn, one))


def leave_store(turn: Turn) -> Step:
    """What the operator made for the store that was left: first what runs, then the rest, with its configurations."""
    seen = turn.seen
    if not moving.moved_from(seen):
        return Step("leave", done=True)
    actions = _running(turn) or _resting(turn)
    if not actions:
        return Step("leave", done=True)
    gates = (Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_CHANGE_DECLARED, Gate.STORE_MOVED, Gate.FINALIZABLE)
    if shut := turn.shut(*gates):
        return turn.held("leave", shut, Reason.MOVE_SETTLING)
    return Step("leave", done=False, actions=actions, reason=Reason.MOVE_SETTLING)


def _running(turn: Turn) -> tuple[Action, ...]:
    reason = f"the records have left {moving.moved_from(turn.seen)}"
    unwanted = [one for one in turn.seen.existing("etcd") if one.name not in turn.seen.wanted.workloads]
    return tuple(RemoveWorkload(one.name, one.uid, reason) for one in unwanted)


def _resting(turn: Turn) -> tuple[Action, ...]:
    reason = f"it belonged to {moving.moved_from(turn.seen)}, which the records have left"
    left = [(*key.split("/", 1), uid) for key, uid in sorted(turn.seen.world.leavings.items())]
    objects = tuple(RemoveObject(kind, name, uid, reason) for kind, name, uid in left)
    return (*objects, *(ApplyObject(one.kind, one.name) for one in moving.superseded_files(turn.seen)))


def _going(turn: Turn, found: Workload) -> bool:
    return moving.lockets_elsewhere(turn.seen) and found.replicas == 0 and not turn.refused(*ONCE_BEGUN)


def _back(turn: Turn, found: Workload) -> Action:
    wanted = turn.seen.wanted.workloads[found.name]
    return ScaleWorkload(found.name, wanted.replicas, f"spec asks for {wanted.replicas}")


def _call(turn: Turn, pod: str, move: Move, *, wanted: bool, reason: str) -> SetMove:
    return SetMove(pod, wanted, move_token(turn.seen.wanted), move.generation, reason)


def _settle(action: Action) -> Step:
    return Step("locket", done=False, actions=(action,), reason=Reason.MOVE_SETTLING)


def _wait(waiting: str, reason: Reason, name: str = NAME) -> Step:
    return Step(name, done=False, waiting=waiting, reason=reason)
