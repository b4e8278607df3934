"""S4: the operator goes away in the middle, and the target is withdrawn at every point.

The operator is gone after the first member, and a member that was not yet rolled is evicted: it comes back as it was,
and nothing rolls. Withdrawn before the target was raised, while an attempt stages, and after the flip (by way of data
version 1451635200); withdrawn during an evacuation; the operator killed after it began an evacuation. No cell is left
drained, and in no part is an app without an answer.
"""

from __future__ import annotations

from e2e import installation, kube
from e2e.evidence import now
from e2e.expect import await_, expect, stays
from e2e.journal import Event, statuses
from e2e.life import Life
from e2e.nodes import supervisor
from e2e.places import FIRST, MIDDLE, NEW, NEWEST, OLD, OPERATOR_NAMESPACE

ROLL_S = 300.0
NOTHING_HAPPENS_S = 30.0


def operator_gone(life: Life) -> str:
    """Ends at the old release, the target withdrawn before it was raised."""
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    await_("the first member is new and Ready", lambda: _new(life) == 1 and life.pods_ready("bbs"), 150)
    installation.scale(0)
    life.evidence.tell("the operator is gone")
    before = life.versions("bbs")
    victim = next(name for name, version in before.items() if version == OLD and name != _master(life))
    was = kube.uids(life.pods("bbs"))[victim]
    kube.evict(life.namespace, victim)

    def back() -> bool:
        found = kube.uids(life.pods("bbs"))
        return found.get(victim, was) != was and bool(life.pods_ready("bbs"))

    await_(f"{victim} is back", back, 90)
    expect(life.versions("bbs") == before, "the evicted member comes back as it was", life.versions("bbs"))
    stays("nothing rolls while it is away", lambda: life.versions("bbs") == before, NOTHING_HAPPENS_S)
    installation.scale(1)
    life.evidence.tell(f"{victim} was evicted and came back {OLD}; the operator is back")
    life.change(version=OLD, targetDataVersion=FIRST)
    life.await_ready(OLD, ROLL_S)
    raised = [e for e in statuses(life.journal, since) if NEWEST in (e["data"]["target"], e["data"]["wanted"])]
    expect(not raised, "withdrawn before the target was raised", raised[:1])
    return f"{victim} evicted without an operator came back {OLD}, nothing rolled for {NOTHING_HAPPENS_S:.0f} s"


def withdrawn_while_staging(life: Life) -> str:
    """Ends at the old release at data version 0."""
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    staging = life.journal.await_event("a fifth is staged", lambda e: _staged(e) >= 0.2, ROLL_S, since)
    at = life.change(version=OLD, targetDataVersion=FIRST)
    life.journal.await_event("the old data is served", lambda e: _serves(e, FIRST), 60, at)
    life.await_ready(OLD, ROLL_S)
    flipped = [e for e in statuses(life.journal, since) if e["data"]["current"] != FIRST]
    expect(not flipped, "nothing flipped", flipped[:1])
    done = f"{staging['migration']['done']}/{staging['migration']['total']}"
    return f"withdrawn at {done}: {life.expect_all_records()}"


def withdrawn_after_the_flip(life: Life) -> str:
    """Ends at the old release at the newest data version that it serves."""
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    life.journal.await_event("the data is at the new version", lambda e: _serves(e, NEWEST), ROLL_S, since)
    at = life.change(version=OLD, targetDataVersion=MIDDLE)
    life.await_ready(OLD, ROLL_S)
    low = life.journal.await_event("the data came down", lambda e: _serves(e, MIDDLE), 10, at)
    expect(low["version"] == NEW, "the new binary brings the data down", low["version"])
    return f"withdrawn after the flip, down to {MIDDLE} by {NEW}: {life.expect_all_records()}"


def withdrawn_while_evacuating(life: Life) -> str:
    """Ends at the old release, no cell drained."""
    life.change(version=NEW, targetDataVersion=NEWEST)
    await_("a cell evacuates", lambda: _evacuating(life), ROLL_S)
    life.change(version=OLD, targetDataVersion=MIDDLE)
    life.await_ready(OLD, ROLL_S)
    _all_cells_work(life)
    return "withdrawn during an evacuation, no cell left drained"


def operator_killed_while_evacuating(life: Life) -> str:
    """Ends at the new release, no cell drained."""
    life.change(version=NEW, targetDataVersion=NEWEST)
    await_("a cell evacuates", lambda: _evacuating(life), ROLL_S)
    at = now()
    supervisor(OPERATOR_NAMESPACE, installation.pod()).kill()
    life.evidence.tell("killed the operator after it began an evacuation", at)
    life.await_ready(NEW, ROLL_S)
    _all_cells_work(life)
    return f"operator killed during an evacuation, finished: {life.expect_all_records()}"


def run(life: Life) -> str:
    """All of it on one fresh life."""
    life.create(rate=150)
    life.start_probe()
    told = []
    try:
        for part in (
            operator_gone,
            withdrawn_while_staging,
            withdrawn_after_the_flip,
            withdrawn_while_evacuating,
            operator_killed_while_evacuating,
        ):
            at = now()
            words = f"{part(life)}, {life.expect_apps_unharmed(at)}"
            life.evidence.tell(words)
            told.append(words)
    finally:
        installation.scale(1)
    return "; ".join(told)


def _new(life: Life) -> int:
    return list(life.versions("bbs").values()).count(NEW)


def _master(life: Life) -> str:
    return str(life.diego()["status"]["bbs"]["master"]["name"])


def _staged(event: Event) -> float:
    migration = event.get("migration") or {}
    return migration["done"] / migration["total"] if migration.get("phase") == "Staging" and migration["total"] else 0.0


def _serves(event: Event, version: int) -> bool:
    serving = event["event"] == "status" and event.get("role") == "Master" and event["state"] == "Serving"
    return serving and event["data"]["current"] == version


def _evacuating(life: Life) -> bool:
    rolling = life.diego()["status"]["cells"].get("rolling", [])
    return any(cell["state"] == "Evacuating" for cell in rolling)


def _all_cells_work(life: Life) -> None:
    cells = life.diego()["status"]["cells"]
    expect(cells["readyReplicas"] == cells["replicas"] and not cells["rolling"], "every cell works", cells)
