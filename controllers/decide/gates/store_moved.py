"""StoreMoved: the records lie in the store that the spec names, and every member that answers serves from it."""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def store_moved(seen: Seen) -> Verdict:
    """Open as well where no move was ever declared."""
    if moved := moving.unnoted(seen):
        return Closed(Reason.MOVE_SETTLING, f"the records have moved from {moved[0]} to {moved[1]}", "a note of it")
    if moving.moved_from(seen):
        return _settled(seen)
    if moving.declared(seen):
        return _under_way(seen)
    if pending := moving.wish(seen):
        return Closed(Reason.MOVE_WITHDRAWING, f"a move to {pending.to} is still asked for", "none")
    return Open("no move of the store is declared")


def _under_way(seen: Seen) -> Verdict:
    move = seen.master.move if seen.master is not None else None
    wanted = f"the records in {seen.wanted.store}"
    if seen.master is None:
        return Unknown(Reason.NO_MASTER, "no BBS member says that it is master")
    if move is None or not move.wanted:
        return Closed(Reason.MOVE_PREPARING, f"the records lie in {seen.wanted.migrates_from}", wanted)
    if move.state == "Unavailable":
        return Closed(Reason.MOVE_STORE_UNREACHABLE, f"{seen.master.pod} can't reach {move.to}: {move.reason}", wanted)
    if move.failed:
        said = move.failure or move.reason or "it stopped and gave no reason"
        return Closed(Reason.MOVE_FAILED, said, wanted)
    return Closed(Reason.MOVING, f"{move.done} of {move.total} records are copied", wanted)


def _settled(seen: Seen) -> Verdict:
    identity, members = seen.world.identity, seen.world.members
    if not members or identity is None:
        return Unknown(Reason.BBS_UNREACHABLE, "no BBS member answers")
    behind = sorted(one.pod for one in members.values() if one.store_type != moving.engine(identity.store))
    if behind:
        wanted = f"every member on {identity.store}"
        return Closed(Reason.MOVE_SETTLING, f"{', '.join(behind)} still on another store", wanted)
    return Open(f"the records have moved from {identity.migrated_from} to {identity.store}")
