"""StoreChangeDeclared: the spec names the store that holds the records."""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict

REMEDY = "go back to the store in use, or make a Diego of another name for the other one"


def store_change_declared(seen: Seen) -> Verdict:
    """What was noted when a master first served counts; before that note, what the master says, and an etcd of ours.

    Another address of the same kind of store passes: hosts move. Whether it leads to the same records is seen by the
    BBS, which compares the store's id (StoreReachable). A store that the records have left is never gone back to.
    """
    identity, wanted = seen.world.identity, seen.wanted.store
    if identity is None or not identity.adopted:
        return Open()
    moved = moving.unnoted(seen) or (identity.migrated_from, identity.store or _seen_in_use(seen))
    left, used = moved
    if used in ("", wanted):
        return Open()
    if used == seen.wanted.migrates_from:
        return Open(f"the records lie in {used} and are to move to {wanted}")
    if left == wanted:
        words = f"the records have moved from {left} to {used}; the spec names {wanted}"
        return Closed(Reason.STORE_MOVED_AWAY, words, used)
    return Closed(Reason.STORE_CHANGE_UNDECLARED, f"the records lie in {used}; the spec names {wanted}", used, REMEDY)


def _seen_in_use(seen: Seen) -> str:
    return moving.store_served(seen) if seen.master is not None and seen.master.store_type else ""
