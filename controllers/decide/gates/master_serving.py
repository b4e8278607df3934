"""MasterServing: no further member goes while nobody serves."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def master_serving(seen: Seen) -> Verdict:
    """Not asked before adoption, nor of a pod that goes back to the release which served last."""
    if not seen.adopted or seen.returning or not seen.bbs:
        return Open("not asked")
    master = seen.master
    if master is None:
        if seen.world.members:
            return Closed(Reason.NO_MASTER, "no BBS member is master", "one that serves")
        return Unknown(Reason.BBS_UNREACHABLE, "no BBS member answers")
    if master.serving:
        return Open()
    if master.migration is not None and master.migration.failed and master.state == "Held":
        return Closed(Reason.MIGRATION_FAILED, master.migration.failure, "a master that serves")
    return Closed(Reason.NO_MASTER, f"{master.pod} is {master.state}", "a master that serves")
