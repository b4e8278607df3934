"""The members of the managed etcd: plain readings of who there is, and who may begin with an empty volume.

A member that lost its volume must never come back under its old id: it would vote although it has forgotten what it
acknowledged. So nobody begins with an empty volume but at the first start of all (`new N`), or, once the cluster was
told of a new member in its place, exactly that one (`join POD of PODS`). At rest the door is shut (`sealed`): a pod
with a volume of its own starts as ever, one without ends and says so (docs/reference/store-etcd.md).
"""

from controllers.decide.observation import EtcdMember, Pod, Workload
from controllers.decide.seen import Seen
from controllers.decide.wanted import WantedWorkload

SEALED = "sealed"


def wanted_set(seen: Seen) -> WantedWorkload | None:
    """The StatefulSet of a managed etcd; None where there is none."""
    return next(iter(seen.wanted.of("etcd")), None)


def entry(seen: Seen, wanted: WantedWorkload) -> str:
    """What has to be written down now. A list that can't be had opens nothing and leaves the rest as it is."""
    if not seen.adopted:
        return f"new {wanted.replicas}"
    if seen.world.etcd is None:
        found = seen.world.etcd_entry
        return found if found and not found.startswith("new ") else SEALED
    pods = sorted(member.pod for member in seen.world.etcd)
    joining = next((member.pod for member in seen.world.etcd if not member.started), None)
    return SEALED if joining is None else f"join {joining} of {','.join(pods)}"


def pods_of(workload: Workload, size: int) -> list[str]:
    """Names of the pods of a tier of that size."""
    return [f"{workload.name}-{ordinal}" for ordinal in range(size)]


def pod_of(workload: Workload, name: str) -> Pod | None:
    """A pod by its name, if it is there and stays."""
    return next((pod for pod in workload.pods if pod.name == name and not pod.terminating), None)


def fit(workload: Workload, members: tuple[EtcdMember, ...]) -> bool:
    """Every one of these votes and is Ready: it answers a linearizable read, so it has all that was acknowledged."""
    return all(
        member.started and not member.learner and (pod := pod_of(workload, member.pod)) is not None and pod.ready
        for member in members
    )


def whole(seen: Seen, workload: Workload) -> bool:
    """The cluster's list is exactly the tier's pods, and all of them are fit."""
    members = seen.world.etcd
    if members is None:
        return workload.replicas == 1  # alone: nobody has to wait for it
    return {one.pod for one in members} == set(pods_of(workload, workload.replicas)) and fit(workload, members)
