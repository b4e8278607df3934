"""The story of one roll up, read from the probe's log and the audit log, and judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from e2e.audit import Call, calls
from e2e.expect import expect
from e2e.journal import Event, Journal, statuses
from e2e.life import Life
from e2e.places import NEW, NEWEST

HAND_OVER_MARGIN_S = 1.5
KILL_MARGIN_S = 4.0
PATIENT = ("right", "redirected", "503:")
STRUCK = ("refused", "broken", "slow")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which the API may say 503."""

    what: str
    since: str
    until: str

    def covers(self, outage: Event, margin: float) -> bool:
        """Whether the outage lies inside it, give or take `margin` seconds."""
        return _s(outage["since"]) >= _s(self.since) - margin and _s(outage["until"]) <= _s(self.until) + margin


def target_raised(journal: Journal, since: str) -> str:
    """When a member first told of the new target."""
    return str(next(e["time"] for e in statuses(journal, since) if _wants_newest(e["data"])))


def target_reached(journal: Journal, since: str) -> str:
    """When a member first told that the data is at the new version."""
    return str(next(e["time"] for e in statuses(journal, since) if e["data"] and e["data"]["current"] == NEWEST))


def binaries_before_target(life: Life, since: str) -> str:
    """All members run the new release before the target is raised; in words."""
    raised = target_raised(life.journal, since)
    last = {e["asked"]: e["version"] for e in statuses(life.journal) if e["time"] < raised}
    expect(len(last) == 3 and set(last.values()) == {NEW}, "all BBS binaries are new before the target is raised", last)
    late = [c for c in _pods_made(life, "-bbs-", since) if c.time > raised]
    expect(not late, "no BBS pod is made after the target was raised", late)
    made = [c.time for c in _pods_made(life, "-bbs-", since)]
    expect(len(made) >= 3, "the audit log shows each member replaced", made)
    return f"last BBS pod made {made[-1][11:23]}, target raised {raised[11:23]}"


def cells_after_target(life: Life, since: str) -> str:
    """No cell pod starts before the target was reached; in words."""
    reached = target_reached(life.journal, since)
    made = _pods_made(life, "-cell-", since)
    expect(made, "the audit log shows cells replaced")
    expect(made[0].time > reached, "no cell pod is made before the target was reached", (made[0].time, reached))
    return f"target reached {reached[11:23]}, first cell pod made {made[0].time[11:23]}"


def windows(life: Life, since: str, *, online: bool = False) -> list[Window]:
    """The migration, unless it is online, from the target being raised to the first answer after it; each hand-over."""
    journal = life.journal
    migration = Window("migration", target_raised(journal, since), target_reached(journal, since))
    found = [] if online else [migration]
    master: Event | None = None
    for event in statuses(journal, ""):
        if event["role"] != "Master":
            continue
        if master is not None and event["epoch"] != master["epoch"] and event["time"] >= since:
            found.append(Window(f"hand-over to epoch {event['epoch']}", master["time"], event["time"]))
        master = event
    return found


def answers(life: Life, since: str, struck: tuple[str, ...] = (), *, online: bool = False) -> str:
    """Every answer right, 503 or a 307 that works; 503 only inside the windows. `struck`: times of kills. In words."""
    journal, allowed = life.journal, windows(life, since, online=online)
    wrong = journal.events("wrong-answer", since)
    expect(not wrong, "no answer is wrong", wrong[:5])
    odd = [e for e in journal.events("answer", since) if not e["kind"].startswith("503:")]
    unexplained = [e for e in odd if not struck_by(e, struck)]
    expect(not unexplained, "every answer is right, 503, or a 307 that works: none refused or cut", unexplained[:5])
    outages = journal.events("outage", since)
    for outage in outages:
        where = [w.what for w in allowed if w.covers(outage, HAND_OVER_MARGIN_S)]
        expect(where or struck_by(outage, struck), "503 only inside the migration and hand-overs", (outage, allowed))
        words = f"no right answer for {outage['seconds']} s: {outage['answers']}, {', '.join(where) or 'kill'}"
        life.evidence.tell(words, outage["since"])
    total = journal.answers(since)
    expect(total["right"] > 50, "the API was under load", dict(total))
    longest = max((e["seconds"] for e in outages), default=0)
    return f"answers {dict(total)}, {len(outages)} windows, longest {longest} s"


def answers_patient(life: Life, since: str) -> str:
    """Every answer right, 503 or a 307 that works, whenever; each stretch without a right one is printed. In words."""
    wrong = life.journal.events("wrong-answer", since)
    expect(not wrong, "no answer is wrong", wrong[:5])
    odd = [e for e in life.journal.events("answer", since) if not e["kind"].startswith("503:")]
    expect(not odd, "every answer is right, 503, or a 307 that works: none refused or cut", odd[:5])
    outages = life.journal.events("outage", since)
    for outage in outages:
        life.evidence.tell(f"no right answer for {outage['seconds']} s: {outage['answers']}", outage["since"])
    longest = max((e["seconds"] for e in outages), default=0)
    return f"answers {dict(life.journal.answers(since))}, {len(outages)} windows of 503, longest {longest} s"


def timeline(life: Life, since: str) -> None:
    """Write what happened, in one order, from both logs."""
    lines = [(c.time, str(c)) for c in calls(life.namespace) if c.time >= since and _worth_telling(c)]
    before: dict[str, Any] = {}
    for event in statuses(life.journal, since):
        words = _told(event)
        if before.get(event["asked"]) != words:
            before[event["asked"]] = words
            lines.append((event["time"], words))
    text = "\n".join(f"{time}  {words}" for time, words in sorted(lines))
    life.evidence.keep("roll.txt", text + "\n")


def _told(event: Event) -> str:
    data, migration = event["data"] or {}, event["migration"] or {}
    progress = f" {migration.get('phase')} {migration.get('done')}/{migration.get('total')}" if migration else ""
    return (
        f"{event['asked']} {event['version']} {event['role']} {event['state']} epoch {event['epoch']} "
        f"data {data.get('current')} target {data.get('target')}{progress}"
    )


def _worth_telling(call: Call) -> bool:
    return call.code < 300 and (call.resource, call.verb) in {
        ("pods", "create"),
        ("pods", "delete"),
        ("pods/eviction", "create"),
        ("statefulsets", "patch"),
        ("diegos", "patch"),
        ("diegos", "create"),
    }


def _pods_made(life: Life, tier: str, since: str) -> list[Call]:
    return [c for c in _creations(life.namespace) if c.time >= since and tier in c.name]


def _creations(namespace: str) -> Iterator[Call]:
    return (c for c in calls(namespace) if (c.resource, c.verb) == ("pods", "create") and c.code < 300)


def _wants_newest(data: Event | None) -> bool:
    return data is not None and NEWEST in (data["current"], data["target"], data["wanted"])


def struck_by(event: Event, struck: tuple[str, ...]) -> bool:
    """Whether a kill explains that an answer was cut or refused."""
    moments = [event.get("asked") or event["since"], event["time"]]
    return any(_s(moments[0]) - 1 <= _s(kill) + KILL_MARGIN_S and _s(kill) - 1 <= _s(moments[1]) for kill in struck)


def _s(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
