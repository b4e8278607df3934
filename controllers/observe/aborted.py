"""Since when cells have given up: they tell that they did, not when.

A cache of one process: losing it lets a cell be left in peace for a while more. Never reads a clock.
"""

from dataclasses import replace

from controllers.decide.observation import Evacuation


class Aborted:
    """When each cell, by pod name, was first seen aborted since it was last asked. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._first_seen: dict[str, float] = {}

    def aged(self, pod: str, said: Evacuation, monotonic: float) -> Evacuation:
        """The same with `aborted_for`."""
        if said.state != "aborted":
            self._first_seen.pop(pod, None)
            return said
        return replace(said, aborted_for=monotonic - self._first_seen.setdefault(pod, monotonic))

    def asked_again(self, pod: str) -> None:
        """Told to evacuate once more: if it gives up at once, before it is looked at, that counts from then."""
        self._first_seen.pop(pod, None)
