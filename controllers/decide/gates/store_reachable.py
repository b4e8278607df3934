"""StoreReachable: the store answers, and it is ours."""

from controllers.api import Reason
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
    without = [m.pod for m in seen.world.members.values() if m.state == "StoreUnavailable"]
    if without and len(without) == len(seen.world.members):
        return Closed(
            Reason.STORE_UNREACHABLE, f"{', '.join(sorted(without))} can't reach the store", "a store that answers"
        )
    if any(member.state != "StoreUnavailable" for member in seen.world.members.values()):
        return Open()
    for wanted in seen.wanted.of("etcd"):
        found = seen.world.workloads.get(wanted.name)
        if found is None or not found.whole:
            return Unknown(Reason.STORE_STARTING, f"{wanted.name} is not Ready")
    return Open()
