"""StoreReachable: the store answers, and it is ours."""

from controllers.api import Reason
from controllers.decide.observation import STORE_MISCONFIGURED
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict

REFUSALS = {"WrongStore": Reason.STORE_IDENTITY_MISMATCH, "StoreOwned": Reason.STORE_OWNED}


def store_reachable(seen: Seen) -> Verdict:
    """The BBS members are asked, since their view counts; before one runs, the store's own pods."""
    for member in seen.world.members.values():
        if reason := REFUSALS.get(member.reason):
            return Closed(reason, f"{member.pod}: {member.reason_message}", "this Diego's own store")
    master = seen.master
    if master is not None and master.owner not in ("", seen.wanted.owner):
        return Closed(Reason.STORE_OWNED, f"owner {master.owner}", f"owner {seen.wanted.owner}")
    without = {m.pod: m.reason_message for m in seen.world.members.values() if m.state == "StoreUnavailable"}
    if without and len(without) == len(seen.world.members):
        words = next((without[pod] for pod in sorted(without) if without[pod]), "")
        said = f"{', '.join(sorted(without))} can't reach the store{': ' * bool(words)}{words}"
        return Closed(Reason.STORE_UNREACHABLE, said, "a store that answers")
    if any(member.state != "StoreUnavailable" for member in seen.world.members.values()):
        return Open()
    managed = seen.wanted.of("etcd")
    if not managed:
        return _by_the_pods(seen)
    for wanted in managed:
        found = seen.world.workloads.get(wanted.name)
        if found is None or not found.whole:
            return Unknown(Reason.STORE_STARTING, f"{wanted.name} is not Ready")
    return Open()


def _by_the_pods(seen: Seen) -> Verdict:
    """A store that is not ours has no pods to look at, and a BBS that it turns away ends at once, with words."""
    pods = [pod for workload in seen.bbs for pod in workload.pods if not pod.ready]
    for pod in pods:
        if pod.waiting == STORE_MISCONFIGURED:
            return Closed(Reason.STORE_UNREACHABLE, f"{pod.name}: {pod.waiting_message}", "a store that takes us in")
    return Unknown(Reason.STORE_UNREACHABLE, "no BBS member tells of it yet")
