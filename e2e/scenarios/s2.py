"""S2: the master is killed again and again in the middle of a migration, and another epoch finishes it.

At 10 and 50 percent the server, so that PID 1 certifies its death; at 90 percent PID 1 itself, so that the lease runs
out. Each kill must strike a running migration. What the API exports afterwards is what an uninterrupted migration of
the same records on an etcd of this machine gives.
"""

from __future__ import annotations

from e2e import roll
from e2e.expect import expect
from e2e.life import Life
from e2e.local import migrated_here
from e2e.places import NEW, NEWEST
from e2e.strike import Blow, kill_in_migration

SEED = 11
RECORDS = 2000
CERTIFIED_WITHIN_S = 4.0
"""A certified death is replaced in well under a second; the rest is the probe's pace on a machine that is shared."""


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(seeds=RECORDS, seed=SEED)
    life.start_probe()
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    blows: list[Blow] = []
    for share, whole in ((0.1, False), (0.5, False), (0.9, True)):
        above = blows[-1].epoch if blows else 0
        blows.append(kill_in_migration(life, share, since, above=above, whole=whole))
    certified = [blow for blow in blows if not blow.whole]
    expect(all(b.seconds < CERTIFIED_WITHIN_S for b in certified), "a certified death is replaced at once", certified)
    life.await_ready(NEW, 300)
    roll.timeline(life, since)
    records = life.expect_all_records()
    here = migrated_here(RECORDS, SEED, life.evidence.folder)
    expect(life.made == here, "the export equals that of an uninterrupted migration of the same records", here)
    figures = [
        *(blow.words for blow in blows),
        records,
        "equal to `bbs migrate run` on an etcd here",
        roll.answers(life, since, tuple(blow.at for blow in blows)),
        life.expect_apps_unharmed(since),
    ]
    for words in figures[len(blows) :]:
        life.evidence.tell(words)
    return "; ".join(figures)
