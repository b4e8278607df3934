"""The managed etcd: its door, members that lost their volume, growth, the roll of its pods, and shrinking.

One change of the membership at a time, and only while every other member is fit. Each of them is a call that etcd
itself refuses where it would cost the quorum. Cut off between any two calls, the next pass reads the cluster's own list
and goes on from there.
"""

from controllers.api import Reason
from controllers.decide import etcd
from controllers.decide.actions import (
    Action,
    AddEtcdMember,
    DeletePod,
    PromoteEtcdMember,
    RemoveEtcdMember,
    ScaleWorkload,
    WriteEtcdEntry,
)
from controllers.decide.gates import Gate
from controllers.decide.observation import VOLUME_EMPTY, EtcdMember, Workload
from controllers.decide.steps.tier import roll_tier
from controllers.decide.turn import Step, Turn

NAME = "etcd"


def write_entry(turn: Turn) -> tuple[Action, ...]:
    """Who may begin with an empty volume: written before any pod that reads it."""
    wanted = etcd.wanted_set(turn.seen)
    if wanted is None:
        return ()
    entry = etcd.entry(turn.seen, wanted)
    return (WriteEtcdEntry(entry),) if entry != turn.seen.world.etcd_entry else ()


def mend_members(turn: Turn) -> tuple[Action, ...]:
    """A member whose volume is empty leaves the list, joins anew as a learner, catches up and votes again."""
    found, members = _managed(turn)
    if found is None or members is None or not turn.seen.adopted or write_entry(turn):
        return ()
    joining = [one for one in members if one.learner or not one.started]
    if joining:
        return _bring_in(turn, found, joining[0])
    for pod in found.live:
        lost = next((one for one in members if one.pod == pod.name), None)
        others = tuple(one for one in members if one is not lost)
        if pod.waiting == VOLUME_EMPTY and lost is not None and others and etcd.fit(found, others):
            return (RemoveEtcdMember(lost.id, lost.pod, f"the volume of {lost.pod} is empty"),)
    wanted = etcd.wanted_set(turn.seen)
    shrinks = wanted is not None and found.replicas > wanted.replicas  # then the last one is not to come back
    return _add(found, members, found.replicas - shrinks)


def grow(turn: Turn) -> Step:
    """Before anything is told of the new members; one after the other."""
    found, members = _managed(turn)
    wanted = etcd.wanted_set(turn.seen)
    if found is None or wanted is None or not turn.seen.adopted or found.replicas >= wanted.replicas:
        return Step(NAME, done=True)
    if shut := turn.shut(Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_CHANGE_DECLARED, Gate.STORE_REACHABLE):
        return turn.held(NAME, shut, Reason.COMPONENT_ROLLING)
    if members is None:
        return _wait("etcd to tell its members")
    comes = f"{found.name}-{found.replicas}"
    if any(one.pod == comes and not one.started for one in members):
        if write_entry(turn):
            return _wait(f"{comes} to be let in")
        return _do(ScaleWorkload(found.name, found.replicas + 1, f"{comes} joins as a learner"))
    if not etcd.whole(turn.seen, found):
        return _wait(f"{found.name} is not whole")
    return _do(*_add(found, members, found.replicas + 1))


def roll(turn: Turn) -> Step:
    """The template, a pod at a time while all members are fit; then members above the wanted number leave."""
    found, members = _managed(turn)
    wanted = etcd.wanted_set(turn.seen)
    if found is None or wanted is None:
        return Step(NAME, done=True)
    if turn.seen.adopted and found.whole and not etcd.whole(turn.seen, found) and not _leaving(found, members):
        return _wait("every member of etcd to vote")
    if found.replicas > wanted.replicas and turn.seen.current(found):
        return _shrink(turn, found, members)
    if _leaving(found, members):
        return _shrink(turn, found, members)
    return roll_tier(turn, NAME, scales=False)


def _managed(turn: Turn) -> tuple[Workload | None, tuple[EtcdMember, ...] | None]:
    wanted = etcd.wanted_set(turn.seen)
    return (turn.seen.world.workloads.get(wanted.name) if wanted else None), turn.seen.world.etcd


def _leaving(found: Workload, members: tuple[EtcdMember, ...] | None) -> bool:
    """The last pod is no member any more, and all others are."""
    listed = {one.pod for one in members or ()}
    return found.replicas > 1 and listed == set(etcd.pods_of(found, found.replicas - 1))


def _shrink(turn: Turn, found: Workload, members: tuple[EtcdMember, ...] | None) -> Step:
    if shut := turn.shut(Gate.SPEC_ACCEPTED, Gate.PAUSED, Gate.STORE_REACHABLE, Gate.MASTER_SERVING):
        return turn.held(NAME, shut, Reason.COMPONENT_ROLLING)
    goes = f"{found.name}-{found.replicas - 1}"
    lost = next((one for one in members or () if one.pod == goes), None)
    if lost is not None:
        return _do(RemoveEtcdMember(lost.id, lost.pod, "the spec asks for fewer members"))
    if members is None:
        return _wait("etcd to tell its members")
    return _do(ScaleWorkload(found.name, found.replicas - 1, f"{goes} is no member any more"))


def _bring_in(turn: Turn, found: Workload, one: EtcdMember) -> tuple[Action, ...]:
    """The door stands open for it, or, once it has begun, is shut again: so it never begins a second time."""
    if one.started:
        pod = etcd.pod_of(found, one.pod)
        if pod is not None and pod.waiting == VOLUME_EMPTY:
            return (RemoveEtcdMember(one.id, one.pod, f"the volume of {one.pod} is empty again"),)
        return (PromoteEtcdMember(one.id, one.pod),)
    pod = etcd.pod_of(found, one.pod)
    if pod is None or pod.waiting != VOLUME_EMPTY:
        return ()
    return (DeletePod(pod.name, pod.uid, pod.resource_version, "it may join now"),)


def _add(found: Workload, members: tuple[EtcdMember, ...], size: int) -> tuple[Action, ...]:
    listed = {one.pod for one in members}
    missing = [pod for pod in etcd.pods_of(found, size) if pod not in listed]
    if not missing or not etcd.fit(found, members):
        return ()
    return (AddEtcdMember(missing[0], f"{missing[0]} is no member of etcd"),)


def _do(*actions: Action) -> Step:
    return Step(NAME, done=False, actions=actions, reason=Reason.COMPONENT_ROLLING)


def _wait(waiting: str) -> Step:
    return Step(NAME, done=False, waiting=waiting, reason=Reason.COMPONENT_ROLLING)
