"""Pods that never come, and why: read from what the kubelet, the scheduler and the StatefulSet controller said."""

from dataclasses import dataclass

from controllers.api import Reason
from controllers.decide.observation import STORE_MISCONFIGURED, VOLUME_EMPTY, Workload
from controllers.decide.seen import Seen

WAITING = {
    "ImagePullBackOff": Reason.IMAGE_PULL,
    "ErrImagePull": Reason.IMAGE_PULL,
    "InvalidImageName": Reason.IMAGE_PULL,
    "ErrImageNeverPull": Reason.IMAGE_PULL,
    "CrashLoopBackOff": Reason.CRASHING,
    "RunContainerError": Reason.CRASHING,
    "CreateContainerError": Reason.CRASHING,
    "CreateContainerConfigError": Reason.SECRET_MISSING,
    STORE_MISCONFIGURED: Reason.STORE_UNREACHABLE,
    VOLUME_EMPTY: Reason.STORE_IDENTITY_MISMATCH,
    "Unschedulable": Reason.UNSCHEDULABLE,
    "VolumePending": Reason.VOLUME_PENDING,
}

REFUSED = (
    ("PodSecurity", Reason.POD_SECURITY),
    ("exceeded quota", Reason.QUOTA),
    ("webhook", Reason.WEBHOOK),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that only a person can mend."""

    reason: Reason
    words: str


def troubles(seen: Seen) -> tuple[Trouble, ...]:
    """In a stable order."""
    found = tuple(one for name in sorted(seen.world.workloads) for one in _of(seen.world.workloads[name]))
    quorum = seen.world.etcd is not None  # then a member with an empty volume is taken in anew, without a person
    return tuple(one for one in found if not (quorum and one.reason is Reason.STORE_IDENTITY_MISMATCH))


def _of(workload: Workload) -> list[Trouble]:
    found = [
        Trouble(WAITING[pod.waiting], f"{pod.name}: {pod.waiting} {pod.waiting_message}".strip())
        for pod in workload.pods
        if not pod.ready and pod.waiting in WAITING
    ]
    if workload.trouble and len(workload.pods) < workload.replicas:
        reason = next((r for words, r in REFUSED if words in workload.trouble), Reason.TEMPLATE_REFUSED)
        found.append(Trouble(reason, f"{workload.name}: {workload.trouble}"))
    return found
