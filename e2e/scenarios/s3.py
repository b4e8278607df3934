"""S3: a record that can't be migrated.

a) It is there before the upgrade is applied: one member is replaced, the dry run names the record, no attempt is made,
the API never says 503; the old spec brings the member back; mended and applied again, the upgrade goes through.
b) It comes while an attempt stages: the attempt fails and holds; the server is killed while it holds, and no further
attempt is made in a minute; the old spec brings the old data back into service; mended and applied again, the upgrade
goes through.
"""

from __future__ import annotations

import time

from e2e import kube, roll
from e2e.evidence import now
from e2e.expect import expect, stays
from e2e.journal import Event, statuses
from e2e.life import Life
from e2e.nodes import server
from e2e.places import FIRST, NEW, NEWEST, OLD

BAD_KEY = "/v1/desired/zz-malformed"
HOLD_S = 60.0


def before_the_apply(life: Life) -> str:
    """a), up to the old spec being served again and the record being mended."""
    cells = kube.uids(life.pods("cell"))
    life.etcdctl("put", BAD_KEY, "{no record")
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    blocked = life.await_condition("UpgradeBlocked", "True", 180, "RecordUnreadable")
    expect("zz-malformed" in blocked["message"], "UpgradeBlocked names the key", blocked["message"])
    life.evidence.tell(f"UpgradeBlocked: {blocked['message']}")
    stays("one member is new, and the cells are as they were", lambda: _untouched(life, cells), 15)
    _no_attempt(life, since)
    _no_unavailability(life, since)
    life.change(version=OLD, targetDataVersion=FIRST)
    life.await_ready(OLD, 180)
    life.etcdctl("del", BAD_KEY)
    expect(kube.uids(life.pods("cell")) == cells, "cell uids are equal")
    words = f"blocked with {blocked['reason']}, one member new, 0 attempts, back on {OLD} with all cells untouched"
    life.evidence.tell(words)
    return words


def while_staging(life: Life) -> str:
    """b), on a life at 0.1.0 with seeds and a probe."""
    cells = kube.uids(life.pods("cell"))
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    life.journal.await_event("the migration stages", lambda e: _phase(e) == "Staging", 180, since)
    life.etcdctl("put", BAD_KEY, "{no record")
    life.evidence.tell(f"put {BAD_KEY} while the attempt stages")
    held = life.journal.await_event("the migration has failed", lambda e: _phase(e) == "Failed", 120, since)
    blocked = life.await_condition("UpgradeBlocked", "True", 60)
    expect("zz-malformed" in blocked["message"], "UpgradeBlocked names the key", blocked["message"])
    attempts = _attempts(life, since)
    at = now()
    server(life.namespace, held["asked"]).kill()
    failure = held["migration"]["failure"]
    life.evidence.tell(f"failed: {failure}; killed the server of {held['asked']} while it holds", at)
    life.journal.await_event(
        "a master holds again", lambda e: e.get("state") == "Held" and e["epoch"] > held["epoch"], 60, at
    )
    time.sleep(HOLD_S)
    expect(_attempts(life, since) == attempts, "no further attempt while it holds", _attempts(life, since))
    expect(kube.uids(life.pods("cell")) == cells, "cell uids are equal")
    life.change(version=OLD, targetDataVersion=FIRST)
    life.await_ready(OLD, 240)
    life.evidence.tell(f"the old spec applied: {life.expect_all_records()}")
    life.etcdctl("del", BAD_KEY)
    again = life.change(version=NEW, targetDataVersion=NEWEST)
    life.await_ready(NEW, 300)
    words = f"held with {len(attempts)} attempt(s) over a kill; after the mend {life.expect_all_records()}"
    return f"{words}; {roll.cells_after_target(life, again)}"


def run_before(life: Life) -> str:
    """a) on a fresh life, and then the way through."""
    life.create()
    life.start_probe()
    words = before_the_apply(life)
    since = life.change(version=NEW, targetDataVersion=NEWEST)
    life.await_ready(NEW, 300)
    return f"{words}; then through: {life.expect_all_records()}; {life.expect_apps_unharmed(since)}"


def run_while(life: Life) -> str:
    """b) on a fresh life."""
    life.create()
    life.start_probe(load=False)
    return while_staging(life)


def _untouched(life: Life, cells: dict[str, str]) -> bool:
    versions = list(life.versions("bbs").values())
    return versions.count(NEW) == 1 and kube.uids(life.pods("cell")) == cells


def _no_attempt(life: Life, since: str) -> None:
    expect(not _attempts(life, since), "no attempt is made", _attempts(life, since))


def _no_unavailability(life: Life, since: str) -> None:
    answers = life.journal.answers(since)
    bad = {kind: count for kind, count in answers.items() if kind not in ("right", "redirected")}
    expect(answers["right"] and not bad, "the API answers all the time", dict(answers))


def _attempts(life: Life, since: str) -> set[str]:
    return {e["migration"]["attempt"] for e in statuses(life.journal, since) if e["migration"]}


def _phase(event: Event) -> str:
    return str((event.get("migration") or {}).get("phase", ""))
