"""Kills in the middle of a migration, and how it went on. A kill that struck no running migration is a failure."""

from __future__ import annotations

import time
from dataclasses import dataclass

from e2e.evidence import now
from e2e.expect import expect
from e2e.journal import Event
from e2e.life import Life
from e2e.nodes import server, supervisor
from e2e.places import NEWEST

IN_MIGRATION_WITHIN_S = 150.0


@dataclass(frozen=True, slots=True)
class Blow:
    """A kill that struck: when, which epoch, and the story in words."""

    at: str
    epoch: int
    whole: bool
    seconds: float
    words: str


def kill_in_migration(life: Life, share: float, since: str, *, above: int = 0, whole: bool = False) -> Blow:
    """SIGKILL the master once `share` of the records are done: its server, or with `whole` PID 1 itself.

    `above`: the epoch of the blow before this one; what is still told of that epoch is not looked at.
    """
    begun = life.journal.await_event(
        "the migration runs", lambda e: _progress(e) > 0 and e["epoch"] > above, IN_MIGRATION_WITHIN_S, since
    )
    name, epoch = begun["asked"], begun["epoch"]
    victim = (supervisor if whole else server)(life.namespace, name)
    reached = life.journal.await_event(
        f"{share:.0%} of the records are done in epoch {epoch}",
        lambda e: e.get("epoch") == epoch and e["asked"] == name and _progress(e) >= share,
        IN_MIGRATION_WITHIN_S,
        begun["time"],
    )
    at = now()
    started = time.monotonic()
    victim.kill()
    done = f"{reached['migration']['done']}/{reached['migration']['total']}"
    what = "PID 1" if whole else "server"
    life.evidence.tell(f"killed the {what} of {name}, epoch {epoch}, at {done}", at)
    taken = life.journal.await_event("another epoch goes on", lambda e: _reigns(e, epoch), 60, at)
    took = round(time.monotonic() - started, 2)
    expect(taken["data"]["current"] != NEWEST, "the kill struck a running migration", taken["data"])
    words = f"{what} of {name} killed at {done}: epoch {taken['epoch']} on {taken['asked']} after {took} s"
    life.evidence.tell(words, taken["time"])
    return Blow(at, epoch, whole, took, words)


def _progress(event: Event) -> float:
    migration = event.get("migration")
    if event["event"] != "status" or event.get("role") != "Master" or not migration or not migration["total"]:
        return 0.0
    return float(migration["done"] / migration["total"]) if migration["phase"] == "Staging" else 0.0


def _reigns(event: Event, epoch: int) -> bool:
    return event["event"] == "status" and event.get("role") == "Master" and event["epoch"] > epoch
