"""MoveAlone: while the records move to another store, nothing else changes under them."""

from controllers.api import Reason
from controllers.decide import moving
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict

ONE = "one release and one data version everywhere while the store changes"


def move_alone(seen: Seen) -> Verdict:
    """A release, a data version and the store: one at a time, so that one thing at a time can be taken back."""
    if not moving.declared(seen):
        return Open("no move of the store is declared")
    templates = {one.version for one in seen.world.workloads.values() if one.component != "etcd"}
    if others := sorted(
        {*templates, *(one.version for one in seen.world.members.values())} - {seen.wanted.version, ""}
    ):
        return Closed(Reason.MOVE_NOT_ALONE, f"{', '.join(others)} runs, spec.version is {seen.wanted.version}", ONE)
    data = seen.master.data if seen.master else None
    if data is None or seen.target is None:
        return Open()
    if data.target is not None or data.wanted not in (None, data.current) or data.current != seen.target:
        return Closed(Reason.MOVE_NOT_ALONE, f"data version {data.current}, and {seen.target} is wanted", ONE)
    return Open()
