"""S17: a Diego on SQLite, one BBS and one Locket on a volume each, goes up; its BBS is killed, and then deleted.

There is no standby: the API pauses while the one member is replaced. Apps run on, every record is there, and the file
is the same one after each restart.
"""

from __future__ import annotations

import time

from e2e import kube, manifest
from e2e.evidence import now
from e2e.expect import await_, expect
from e2e.journal import Event
from e2e.kube import kubectl
from e2e.life import Life
from e2e.nodes import supervisor
from e2e.places import FIRST, NEW, NEWEST

MEMBER = f"{manifest.NAME}-bbs-0-0"
ROLL_S = 400.0


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    small = {"resources": {"requests": {"cpu": "10m", "memory": "48Mi"}}}
    bbs = {"replicas": 1, "nodeSelector": {manifest.hold(life.namespace): "released"}, **small}
    life.create(target=FIRST, rate=500, more={"store": {"type": "SQLite", "sqlite": {}}, "bbs": bbs})
    life.start_probe(load=False)
    claims = kube.uids(kube.listed("pvc", life.namespace))
    expect(set(claims) == {f"data-{MEMBER}", f"data-{manifest.NAME}-locket-0"}, "a volume each", claims)
    since, started = life.change(version=NEW, targetDataVersion=NEWEST), time.monotonic()
    life.await_ready(NEW, ROLL_S)
    told = [f"0.1.0 at {FIRST} became {NEW} at {NEWEST} in {time.monotonic() - started:.0f} s"]
    told += [_away(life, "killed"), _away(life, "deleted")]
    expect(kube.uids(kube.listed("pvc", life.namespace)) == claims, "the volumes are the same")
    told += [life.expect_all_records(), life.expect_apps_unharmed(since)]
    for words in told:
        life.evidence.tell(words)
    return "; ".join(told)


def _away(life: Life, how: str) -> str:
    at, started = now(), time.monotonic()
    epoch = life.diego()["status"]["bbs"]["master"]["epoch"]
    if how == "killed":
        supervisor(life.namespace, MEMBER).kill()
    else:
        kubectl("-n", life.namespace, "delete", "pod", MEMBER, "--wait=false")

    def serves(event: Event) -> bool:
        leads = event["event"] == "status" and event.get("role") == "Master" and event["state"] == "Serving"
        return leads and event["epoch"] > epoch

    life.journal.await_event("the next epoch serves", serves, 180, at)
    took = time.monotonic() - started
    await_("the resource tells", lambda: life.diego()["status"]["bbs"]["master"]["epoch"] > epoch or None, 90)
    life.await_ready(NEW, 120)
    return f"the only member {how}: the next epoch served after {took:.1f} s"
