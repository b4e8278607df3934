"""Paused: a person has asked for stillness."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Verdict


def paused(seen: Seen) -> Verdict:
    """No template, eviction, evacuation or target call; repairs, certificates and status go on."""
    if not seen.wanted.paused:
        return Open()
    master = seen.master
    waiting = master is not None and master.data is not None and master.data.target not in (None, seen.target)
    also = ", also the withdrawal of the target waits" if waiting else ""
    return Closed(Reason.PAUSED, f"spec.paused is true{also}", "spec.paused false")
