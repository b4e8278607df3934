"""The roll of the BBS: members one by one, each its own StatefulSet, standbys first and the master last.

A member's template is written just before its turn, so a foreign eviction of a later one, with or without an operator,
brings it back as it was. All of them serve the STORED data version; the target is another step.
"""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.actions import Action, EvictPod, Prepare, RemoveWorkload, StepDown, WriteWorkload
from controllers.decide.gates import Gate
from controllers.decide.gates.prepared import asked, examiner
from controllers.decide.observation import Workload
from controllers.decide.steps.tier import BEFORE_A_HEALTHY_POD, BEFORE_ANY_TEMPLATE
from controllers.decide.turn import Step, Turn
from controllers.decide.verdict import is_open

NAME = "bbs"


def roll_bbs(turn: Turn) -> Step:
    """Mends the broken members, replaces the outdated ones, then removes those above the wanted number."""
    seen = turn.seen
    missing = [w.name for w in seen.wanted.of(NAME) if w.name not in seen.world.workloads]
    if missing:
        return _wait(f"{', '.join(missing)} being created", Reason.CREATING)
    behind = [w for w in _wanted_members(turn) if not seen.template_current(w) or not w.settled or seen.stale(w)]
    if behind:
        return _replace(turn, min(behind, key=lambda w: _turn_of(turn, w)))
    out = [w.name for w in _wanted_members(turn) if not _answers(turn, w)]
    if out:
        return _wait(f"{', '.join(out)} not Ready or not answering")
    surplus = [w for w in seen.bbs if w.name not in seen.wanted.workloads]
    return _shrink(turn, surplus[-1]) if surplus else Step(NAME, done=True)


def examine(turn: Turn) -> tuple[Action, ...]:
    """The dry run that the gate Prepared waits for; asked while the roll is held by nothing but it."""
    seen = turn.seen
    whom = examiner(seen)
    if whom is None or seen.goal is None or is_open(turn.verdicts[Gate.PREPARED]) or asked(seen, whom):
        return ()
    if turn.shut(Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_REACHABLE, Gate.STEP_ALLOWED):
        return ()
    return (Prepare(whom.pod, whom.uid, whom.role, whom.epoch, seen.goal),)


def _wanted_members(turn: Turn) -> list[Workload]:
    return [w for w in turn.seen.bbs if w.name in turn.seen.wanted.workloads]


def _turn_of(turn: Turn, workload: Workload) -> tuple[bool, bool, bool, int]:
    master = turn.seen.master
    leads = master is not None and master.pod == f"{workload.name}-0"
    return (workload.whole, leads, not turn.seen.template_current(workload), workload.member or 0)


def _answers(turn: Turn, workload: Workload) -> bool:
    member = turn.seen.member_of(workload)
    return workload.whole and member is not None and member.version == turn.seen.wanted.version


def _replace(turn: Turn, workload: Workload) -> Step:
    if shut := _shut_for(turn, workload):
        step = turn.held(NAME, shut, Reason.BBS_ROLLING)
        return Step(NAME, done=False, actions=examine(turn), waiting=step.waiting, reason=Reason.BBS_ROLLING)
    others = [w.name for w in turn.seen.bbs if w.name != workload.name and not _others_stay(turn, w)]
    if workload.whole and others:
        return _wait(f"{', '.join(others)} out, so {workload.name} stays")
    version = turn.seen.wanted.workloads[workload.name].version
    if not turn.seen.template_current(workload):
        reason = f"member goes from {workload.version} to {version}"
        return _do(WriteWorkload(workload.name, version, reason))
    stale = turn.seen.stale(workload)
    if not stale:
        return _wait(f"{workload.name}: template not observed, or its pod is going")
    if not workload.whole and (fresh := _still_coming(turn)):
        return _wait(f"{', '.join(fresh)} not Ready, so {workload.name} stays")
    pod = stale[0]
    return _do(EvictPod(pod.name, pod.uid, pod.resource_version, f"BBS member goes to {version}"))


def _still_coming(turn: Turn) -> list[str]:
    """Members that are replaced and not Ready: what keeps them from it may keep the next one from it, too."""
    return [w.name for w in turn.seen.bbs if not w.whole and turn.seen.template_current(w) and not turn.seen.stale(w)]


def _others_stay(turn: Turn, workload: Workload) -> bool:
    return workload.whole and f"{workload.name}-0" in turn.seen.world.members


def _shut_for(turn: Turn, workload: Workload) -> Gate | None:
    """A member that is out already is mended even when health can't be asked; what is refused stays refused."""
    if not workload.whole:
        return turn.refused(*BEFORE_ANY_TEMPLATE) or turn.refused(Gate.KEYRING_DISTRIBUTED, Gate.PREPARED)
    settled = () if moving.declared(turn.seen) else (Gate.STORE_MOVED,)  # else both stores are being made known
    return turn.shut(*BEFORE_ANY_TEMPLATE, *BEFORE_A_HEALTHY_POD, Gate.LOCKET_CURRENT, *settled, Gate.PREPARED)


def _shrink(turn: Turn, workload: Workload) -> Step:
    if shut := turn.shut(Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.MASTER_SERVING):
        return turn.held(NAME, shut, Reason.BBS_ROLLING)
    master = turn.seen.master
    if master is not None and master.pod == f"{workload.name}-0":
        return _do(StepDown(master.pod, master.epoch))
    return _do(RemoveWorkload(workload.name, workload.uid, "spec asks for fewer BBS members"))


def _do(action: Action) -> Step:
    return Step(NAME, done=False, actions=(action,), reason=Reason.BBS_ROLLING)


def _wait(waiting: str, reason: Reason = Reason.BBS_ROLLING) -> Step:
    return Step(NAME, done=False, waiting=waiting, reason=reason)
