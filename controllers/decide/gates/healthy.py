"""Healthy: a roll begins only on a Diego that works."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def healthy(seen: Seen) -> Verdict:
    """Asked only while nothing of the wanted release exists, never on a first installation or on the way back."""
    if not seen.adopted or seen.returning or _begun(seen):
        return Open("not asked: nothing is adopted yet, or the roll has begun")
    master = seen.master
    if master is None:
        return Unknown(Reason.NO_MASTER, "no BBS member says that it is master")
    if not master.serving:
        return Closed(Reason.NO_MASTER, f"{master.pod} is {master.state}", "a master that serves")
    busy = sorted(pod for pod, cell in seen.world.cells.items() if cell.state in ("gating", "evacuating"))
    if busy or master.evacuating:
        seen_words = f"{', '.join(busy) or master.evacuating} evacuating"
        return Closed(Reason.CELLS_EVACUATING, seen_words, "no evacuation under way")
    return Open()


def _begun(seen: Seen) -> bool:
    return any(
        seen.template_current(workload) and any(pod.revision == workload.update_revision for pod in workload.live)
        for wanted in seen.wanted.workloads.values()
        if wanted.component != "etcd" and (workload := seen.world.workloads.get(wanted.name)) is not None
    )
