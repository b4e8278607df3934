"""The wanted data version: raised, lowered, withdrawn and retried by one fenced call to the master.

`if_generation` is the master's counter as this pass read it, so a call decided before a flip is stale after it.
"""

from controllers.api import Reason
from controllers.decide.actions import SetTarget
from controllers.decide.gates import Gate
from controllers.decide.gates.prepared import said_by
from controllers.decide.observation import Data, Member
from controllers.decide.steps.bbs import examine
from controllers.decide.steps.tier import BEFORE_ANY_TEMPLATE
from controllers.decide.tokens import rolled_back_token, target_token
from controllers.decide.turn import Step, Turn

NAME = "target"


def withdraw(turn: Turn) -> Step:
    """Obeyed at any point before the flip, whatever else is closed, except while paused."""
    seen, master = turn.seen, turn.seen.master
    data = master.data if master else None
    if master is None or data is None or seen.goal is None or not _pending(data):
        return Step("withdraw", done=True)
    rolls_back = seen.wanted.roll_back_on_failure and master.stopped and data.wanted == seen.goal
    if data.wanted == seen.goal and not rolls_back:
        return Step("withdraw", done=True)
    if shut := turn.shut(Gate.PAUSED):
        return turn.held("withdraw", shut, Reason.WITHDRAWING)
    token = rolled_back_token(seen.wanted, seen.goal) if rolls_back else target_token(seen.wanted, data.current)
    call = _call(turn, master, data, data.current, token, f"target {data.wanted} is withdrawn")
    return Step("withdraw", done=False, actions=(call,), reason=Reason.WITHDRAWING)


def reach_target(turn: Turn) -> Step:
    """Done when the data is where it is wanted and nothing is under way."""
    seen, master = turn.seen, turn.seen.master
    if master is None or master.data is None or seen.goal is None:
        return _wait("a master that tells the stored data version", Reason.NO_MASTER)
    data = master.data
    if data.current == seen.goal and not _pending(data):
        return Step(NAME, done=True)
    if _pending(data):
        return _under_way(turn, master, data, seen.goal)
    if data.token == rolled_back_token(seen.wanted, seen.goal):
        return _wait(f"{seen.goal} failed and was put back", Reason.MIGRATION_FAILED)
    return _set(turn, master, data, seen.goal, f"data goes from {data.current} to {seen.goal}")


def lower_target(turn: Turn) -> Step:
    """On the way down: the older binaries may come once they serve what is stored; the rest is theirs to reach.

    Only the newer binary can bring the data down. Without a master nobody tells what is stored: then only the release
    that served last may come back, since what it served is still stored.
    """
    seen, master = turn.seen, turn.seen.master
    if master is None and seen.returning:
        return Step(NAME, done=True)
    data = master.data if master else None
    if data is not None and not _pending(data) and data.current in (seen.served_by_wanted or ()):
        return Step(NAME, done=True)
    return reach_target(turn)


def _pending(data: Data) -> bool:
    return data.target is not None or data.wanted not in (None, data.current)


def _under_way(turn: Turn, master: Member, data: Data, target: int) -> Step:
    if master.stopped:
        if data.token != target_token(turn.seen.wanted, target):
            return _set(turn, master, data, target, f"{target} is tried again")
        failure = master.migration.failure if master.migration else ""
        return _wait(f"a person: the migration has stopped at {failure}", Reason.MIGRATION_FAILED)
    migration = master.migration
    progress = f" {migration.done} of {migration.total}" if migration else ""
    progress += ", the API goes on serving" if migration and migration.mode == "Online" else ""
    slow = migration is not None and 0 < migration.started_at < turn.seen.now - turn.seen.wanted.slow_after
    return _wait(
        f"the migration to {target}{progress}{_losses(turn, master, target)}",
        Reason.MIGRATION_SLOW if slow else Reason.MIGRATING,
    )


def _set(turn: Turn, master: Member, data: Data, target: int, reason: str) -> Step:
    first = (*BEFORE_ANY_TEMPLATE, Gate.STORE_REACHABLE, Gate.KEYRING_DISTRIBUTED)
    if shut := turn.shut(*first, Gate.PREPARED):
        held = turn.held(NAME, shut, Reason.TARGET_NOT_RAISED)
        return Step(NAME, done=False, actions=examine(turn), waiting=held.waiting, reason=Reason.PREPARING)
    token = target_token(turn.seen.wanted, target)
    call = _call(turn, master, data, target, token, reason + _losses(turn, master, target))
    return Step(NAME, done=False, actions=(call,), reason=Reason.TARGET_NOT_RAISED)


def _losses(turn: Turn, master: Member, target: int) -> str:
    """What the dry run said would be dropped: whoever goes there shall read it while it happens."""
    told = said_by(turn.seen, master)
    return f"; it {told.dropped}" if told is not None and told.version == target and told.dropped else ""


def _call(turn: Turn, master: Member, data: Data, version: int, token: str, reason: str) -> SetTarget:
    wanted = turn.seen.wanted
    pace, online = wanted.max_records_per_second, wanted.migrates_online
    return SetTarget(master.pod, version, token, data.generation, pace, reason, online)


def _wait(waiting: str, reason: Reason) -> Step:
    return Step(NAME, done=False, waiting=waiting, reason=reason)
