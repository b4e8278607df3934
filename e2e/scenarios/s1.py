"""S1: 0.1.0 with bare-JSON records becomes 0.2.0 under load.

All BBS binaries are new before the target is raised; every answer is right, 503, or a 307 that works, and 503 only
inside the migration and hand-overs; no cell pod starts before the target was reached; every record is there, bit for
bit; no app is without an answer for a second. With `kill` the master's server is killed in the middle of the migration.
"""

from __future__ import annotations

from e2e import roll
from e2e.expect import expect
from e2e.journal import statuses
from e2e.life import Life
from e2e.places import FIRST, NEW, NEWEST
from e2e.strike import kill_in_migration


def upgrade(life: Life, *, kill: bool = False, online: bool = False) -> str:
    """A life at 0.1.0 and data version 0 with seeds; its probe runs. Online, 503 is for hand-overs alone."""
    tell = life.evidence.tell
    before = life.stored_version()
    expect(before == "", "at data version 0 the key /version is absent", before)
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    struck: tuple[str, ...] = ()
    figures = []
    if kill:
        blow = kill_in_migration(life, 0.5, since)
        struck = (blow.at,)
        figures.append(blow.words)
    life.await_ready(NEW, 300)
    roll.timeline(life, since)
    figures += [
        roll.binaries_before_target(life, since),
        roll.cells_after_target(life, since),
        life.expect_all_records(),
        roll.answers(life, since, struck, online=online),
        life.expect_apps_unharmed(since),
    ]
    after = life.stored_version()
    expect(f'"CurrentVersion":{NEWEST}' in after.replace(" ", ""), "/version tells the new version", after)
    tell(f"etcdctl get /version: {before or 'absent'} before, {after} after")
    for words in figures:
        tell(words)
    expect(life.diego()["status"]["dataVersion"]["current"] == NEWEST, "status tells the data version")
    return "; ".join(figures)


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(target=FIRST)
    life.start_probe()
    return upgrade(life)


def run_online(life: Life) -> str:
    """The same, with the API served while the records are copied."""
    life.create(target=FIRST, more={"migration": {"mode": "Online", "maxRecordsPerSecond": 100}})
    life.start_probe()
    words = upgrade(life, online=True)
    modes = {m["mode"] for event in statuses(life.journal) if (m := event.get("migration"))}
    expect(modes == {"Online"}, "the members tell that the migration is online", modes)
    return words
