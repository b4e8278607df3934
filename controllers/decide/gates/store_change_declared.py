"""StoreChangeDeclared: the spec names the store that holds the records."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict

REMEDY = "go back to the store in use, or make a Diego of another name for the other one"


def store_change_declared(seen: Seen) -> Verdict:
    """What was noted when a master first served counts; before that note, what the master says, and an etcd of ours.

    Another address of the same kind of store passes: hosts move. Whether it leads to the same records is seen by the
    BBS, which compares the store's id (StoreReachable).
    """
    identity, wanted = seen.world.identity, seen.wanted.store
    if identity is None or not identity.adopted:
        return Open()
    used = identity.store or _seen_in_use(seen)
    if used in ("", wanted):
        return Open()
    return Closed(Reason.STORE_CHANGE_UNDECLARED, f"the records lie in {used}; the spec names {wanted}", used, REMEDY)


def _seen_in_use(seen: Seen) -> str:
    said = seen.master.store_type if seen.master is not None else ""
    return "" if said.lower() == seen.wanted.store.partition(" ")[0].lower() else said
