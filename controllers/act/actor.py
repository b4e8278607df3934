"""The table of actions, and what becomes of one that fails: it is said, and the next pass decides anew."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from controllers.act import calls, etcd, foundation, keyring, workloads
from controllers.act.events import Events
from controllers.act.scene import Scene
from controllers.cluster import CallFailed
from controllers.decide import actions
from controllers.plane import CallRefused, NoAnswer

log = logging.getLogger(__name__)
Do = Callable[[Scene, Any], Awaitable[None]]

TABLE: dict[type, Do] = {
    actions.ApplyObject: foundation.apply_object,
    actions.IssueAuthority: lambda scene, one: foundation.issue_own_authority(scene, one.secret),
    actions.IssueCertificate: foundation.issue_certificate,
    actions.GenerateKey: keyring.generate_key,
    actions.CopyKeys: keyring.copy_keys,
    actions.RetireKeys: keyring.retire_keys,
    actions.CreateIdentity: lambda scene, _: foundation.create_identity(scene),
    actions.RecordAdopted: foundation.record_adopted,
    actions.RecordMoved: foundation.record_moved,
    actions.RecordServed: foundation.record_served,
    actions.WriteWorkload: workloads.write_workload,
    actions.ScaleWorkload: workloads.scale_workload,
    actions.RemoveWorkload: workloads.remove_workload,
    actions.RemoveObject: workloads.remove_object,
    actions.EvictPod: workloads.take_pod_away,
    actions.DeletePod: workloads.take_pod_away,
    actions.WriteEtcdEntry: etcd.write_entry,
    actions.AddEtcdMember: etcd.add_member,
    actions.PromoteEtcdMember: etcd.promote_member,
    actions.RemoveEtcdMember: etcd.remove_member,
    actions.Prepare: calls.prepare,
    actions.SetTarget: calls.set_target,
    actions.SetMove: calls.set_move,
    actions.DropRoots: calls.drop_roots,
    actions.ActivateKey: calls.activate_key,
    actions.StepDown: calls.step_down,
    actions.Evacuate: lambda scene, one: calls.evacuate(scene, one.pod),
    actions.CancelEvacuation: lambda scene, one: calls.cancel_evacuation(scene, one.pod),
}

SLOW_FACTS = (
    actions.ApplyObject,
    actions.IssueAuthority,
    actions.IssueCertificate,
    actions.GenerateKey,
    actions.CopyKeys,
    actions.RetireKeys,
    actions.WriteWorkload,
    actions.RecordMoved,
    actions.RemoveObject,
)
"""Actions after which certificates and objects are to be read again."""


class Actor:
    """Carries a plan out, action by action."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def carry_out(self, scene: Scene, planned: tuple[actions.Action, ...]) -> tuple[actions.Action, ...]:
        """The actions that went through. One that fails stops no other: repairs come first and stand for themselves."""
        return tuple([action for action in planned if await self._do(scene, action)])

    async def _do(self, scene: Scene, action: actions.Action) -> bool:
        name = type(action).__name__
        try:
            await TABLE[type(action)](scene, action)
        except workloads.Moved as moved:
            log.info("not done", extra={"action": name, "why": str(moved)})
            return False
        except (CallFailed, CallRefused, NoAnswer, KeyError) as failed:
            log.warning("not done", extra={"action": name, "object": _object(action), "why": str(failed)[:600]})
            if not isinstance(failed, CallFailed) or failed.status not in (409, 429):
                note = f"{name} {_object(action)}: {str(failed)[:300]}"
                await self._events.say(scene.diego, "ReconcileFailed", name, note, warning=True)
            return False
        log.info("done", extra={"action": name, "object": _object(action), "reason": getattr(action, "reason", "")})
        if reason := getattr(action, "reason", ""):
            await self._events.say(scene.diego, name, name, f"{_object(action)}: {reason}")
        return True


def _object(action: actions.Action) -> str:
    return str(getattr(action, "name", None) or getattr(action, "pod", None) or getattr(action, "secret", ""))
