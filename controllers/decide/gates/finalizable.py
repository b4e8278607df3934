"""Finalizable: nothing needs the store any more that the records have left."""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def finalizable(seen: Seen) -> Verdict:
    """Locket lies on the new store, every member knows of no other, and a master serves."""
    identity = seen.world.identity
    if identity is None or not identity.migrated_from:
        return Open("no store was left")
    wanted = f"BBS and Locket on {identity.store} alone"
    if moving.lockets_elsewhere(seen) or not seen.tier_current("locket"):
        return Closed(Reason.MOVE_SETTLING, f"locket is not current on {identity.store}", wanted)
    if not seen.bbs_current:
        return Closed(Reason.MOVE_SETTLING, "BBS members still know of the former store", wanted)
    if seen.master is None:
        return Unknown(Reason.NO_MASTER, "no BBS member says that it is master")
    if not seen.master.serving:
        return Closed(Reason.NO_MASTER, f"{seen.master.pod} is {seen.master.state}", "a master that serves")
    return Open(f"nothing needs {identity.migrated_from} any more")
