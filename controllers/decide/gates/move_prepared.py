"""MovePrepared: every BBS member knows both stores and reaches the one that the records go to."""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict

BOTH = "every BBS member reaching both stores"


def move_prepared(seen: Seen) -> Verdict:
    """Whichever of them is master at the end must be able to go along."""
    if not moving.declared(seen):
        return Open("no move of the store is declared")
    if not seen.world.members:
        return Unknown(Reason.BBS_UNREACHABLE, "no BBS member answers")
    told = [(one.name, seen.member_of(one)) for one in seen.bbs]
    behind = [name for name, member in told if member is None or member.move is None]
    if behind or not seen.bbs_current:
        words = f"{', '.join(behind) or 'a member'} does not tell of both stores yet"
        return Closed(Reason.MOVE_PREPARING, words, BOTH)
    moves = [(member.pod, member.move) for _, member in told if member is not None and member.move is not None]
    for pod, move in moves:
        if move.state == "Unavailable":
            return Closed(Reason.MOVE_STORE_UNREACHABLE, f"{pod} can't reach {move.to}: {move.reason}", BOTH)
    return Open(f"every BBS member reaches {seen.wanted.store}")
