"""The decision: what one pass does about what it saw. Pure, total, and the same for the same input."""

from controllers.decide import keys
from controllers.decide.actions import Action, DeletePod, Evacuate, EvictPod, ScaleWorkload, WriteWorkload
from controllers.decide.conditions import findings
from controllers.decide.observation import Observation
from controllers.decide.plan import Plan
from controllers.decide.seen import Seen
from controllers.decide.status import status_of
from controllers.decide.steps.etcd import mend_members
from controllers.decide.steps.foundation import lay_foundation
from controllers.decide.steps.order import next_step
from controllers.decide.steps.repairs import repair_pods
from controllers.decide.turn import Step, Turn
from controllers.decide.wanted import Wanted

WHILE_ROLLING = 2.0
WHILE_ROTATING = 5.0
RESYNC = 30.0


def decide(wanted: Wanted, world: Observation, now: float) -> Plan:
    """Foundation and repairs first, never gated; then the first step that is not done. `now` in seconds since 1970."""
    turn = Turn.of(Seen(wanted, world, now))
    if wanted.deleting:
        return _plan(turn, Step("deletion", done=True), ())
    step = next_step(turn)
    repairs = (*lay_foundation(turn), *mend_members(turn), *repair_pods(turn))
    return _plan(turn, step, (*repairs, *_without_clash(repairs, step.actions)))


def _without_clash(repairs: tuple[Action, ...], actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """One action for one thing: a repair of the same pod or workload goes first, the step sees its effect next time."""
    taken = {_object_of(repair) for repair in repairs}
    return tuple(action for action in actions if _object_of(action) not in taken)


def _object_of(action: Action) -> str:
    match action:
        case WriteWorkload(name=name) | ScaleWorkload(name=name):
            return f"workload/{name}"
        case EvictPod(name=name) | DeletePod(name=name) | Evacuate(pod=name):
            return f"pod/{name}"
        case _:
            return repr(action)


def _plan(turn: Turn, step: Step, actions: tuple[Action, ...]) -> Plan:
    return Plan(
        actions=actions,
        gates=turn.verdicts,
        step=step.name,
        waiting=step.waiting,
        findings=findings(turn, step),
        status=status_of(turn, step),
        wake_after=_pause(turn, step, actions),
    )


def _pause(turn: Turn, step: Step, actions: tuple[Action, ...]) -> float:
    """Seconds. Nothing rings when a rotation gets on, or when a member has loaded a key."""
    if actions or not step.done:
        return WHILE_ROLLING
    return WHILE_ROTATING if keys.rotating(turn.seen) else RESYNC
