"""S14: the records of a managed etcd move to a relational server of somebody else's, under load.

Taken back while members are told of it: etcd serves on, nothing is lost. Then for good: counts and digests are equal,
a BBS that knows of etcd alone yields, Locket's pods go together, cells and apps stay, the way back is refused, and
nothing is left of etcd.
"""

from __future__ import annotations

import json
from typing import Any

from e2e import database, kube, manifest
from e2e.audit import calls
from e2e.database import Engine
from e2e.expect import await_, expect
from e2e.journal import statuses
from e2e.kube import kubectl
from e2e.life import Life, N
from e2e.places import NEW, NEWEST
from e2e.roll import answers_patient

STAYS = ("cell", "auctioneer")


def run_postgresql(life: Life) -> str:
    """The scenario towards PostgreSQL."""
    return _run(life, database.POSTGRESQL)


def run_mysql(life: Life) -> str:
    """The scenario towards MariaDB."""
    return _run(life, database.MYSQL)


def _run(life: Life, engine: Engine) -> str:
    life.create(version=NEW, target=NEWEST, seed=14)
    life.change(locket={"replicas": 2})
    database.serve(life.namespace, engine)
    life.await_ready(NEW, 120)
    life.start_probe()
    stays = _uids(life)
    figures = [_taken_back(life, engine), *_moved(life, engine)]
    expect(_uids(life) == stays, "no cell and no auctioneer is replaced", _uids(life))
    figures += [_no_trace(life, engine), _refused(life, engine)]
    for words in figures:
        life.evidence.tell(words)
    return "; ".join(figures)


def _taken_back(life: Life, engine: Engine) -> str:
    since = life.change(store=database.relational(life.namespace, engine, source=True))
    event = life.journal.await_event("a member knows both stores", lambda e: bool(e.get("move")), 300, since)
    life.change(store=database.former(engine))
    life.await_ready(NEW, 240)
    told = {e["store"]["type"] for e in statuses(life.journal, since) if e["store"]}
    expect(told == {"etcd"}, "no member ever served from another store", told)
    where = life.condition("StoreMoved")
    expect(where["status"] == "True", "no move is left over", where)
    words = f"taken back when {event['asked']} said {event['move']['state']}: {answers_patient(life, since)}"
    return f"{words}, {life.expect_all_records()}, {life.expect_apps_unharmed(since)}"


def _moved(life: Life, engine: Engine) -> list[str]:
    former = life.pods("bbs")[0]
    since = life.change(store=database.relational(life.namespace, engine, source=True))
    served = life.journal.await_event(
        "a member serves from the new store",
        lambda e: (
            e["event"] == "status" and (e.get("store") or {}).get("type") == engine.name and e["state"] == "Serving"
        ),
        400,
        since,
    )
    yields = _yields(life, former)
    life.await_ready(NEW, 300)
    found = [
        f"served from {engine.name} {served['time'][11:23]} by {served['asked']}",
        yields,
        _locket_at_once(life, since),
    ]
    return [*found, answers_patient(life, since), life.expect_all_records(), life.expect_apps_unharmed(since)]


def _yields(life: Life, former: dict[str, Any]) -> str:
    """A member with the configuration from before the move: it finds etcd, and what etcd says of the move."""
    template = {"spec": {k: former["spec"][k] for k in ("containers", "volumes", "securityContext")}}
    pod = manifest.like_a_member(
        template, life.namespace, "of-etcd", ["bbs", "serve", "--config", "/etc/diego/config/config.yaml"]
    )
    kube.apply(pod)

    def said() -> str | None:
        log = kubectl("-n", life.namespace, "logs", "of-etcd", "--tail=-1")
        return next((line for line in log.splitlines() if "StoreMoved" in line), None)

    line = await_("a BBS that knows of etcd alone says that the store has moved", said, 60)
    kubectl("-n", life.namespace, "delete", "pod", "of-etcd", "--wait=false")
    return f"etcd-only BBS yields: {json.loads(line).get('event')} StoreMoved"


def _locket_at_once(life: Life, since: str) -> str:
    """By the audit log no Locket pod is made before the last former one is gone."""
    of_locket = [
        c for c in calls(life.namespace) if c.time >= since and c.resource == "pods" and f"{N}-locket-" in c.name
    ]
    gone = [c.time for c in of_locket if c.verb == "delete" and c.user.startswith("system:node:") and c.code < 300]
    made = [c.time for c in of_locket if c.verb == "create" and c.code < 300]
    expect(len(gone) >= 2 and len(made) >= 2, "both Locket pods are replaced", (gone, made))
    expect(max(gone[:2]) < min(made), "no Locket pod is made before the last former one is gone", (gone, made))
    return f"Locket gone {max(gone[:2])[11:23]}, made {min(made)[11:23]}"


def _no_trace(life: Life, engine: Engine) -> str:
    kinds = ("statefulsets", "services", "poddisruptionbudgets", "secrets", "configmaps", "pods")
    found = [o for kind in kinds for o in kube.listed(kind, life.namespace)]
    named = [f"{o['kind']} {o['metadata']['name']}" for o in found if "etcd" in o["metadata"]["name"]]
    expect(not named, "no object is named for etcd", named)
    inside = ("ConfigMap", "StatefulSet", "Pod")
    own = [o for o in found if o["kind"] in inside and o["metadata"]["name"].startswith(N)]
    texts = {o["metadata"]["name"]: json.dumps([o.get("spec"), o.get("data")]) for o in own}
    texts.pop(f"{N}-identity")
    traces = sorted(name for name, text in texts.items() if "etcd" in text)
    expect(not traces, "no configuration, mount or argument speaks of etcd", traces)
    claims = [o["metadata"]["name"] for o in kube.listed("persistentvolumeclaims", life.namespace)]
    expect(claims == [f"data-{N}-etcd-0"], "the volume stays, as deletionPolicy Retain says", claims)
    store = life.diego()["status"]["store"]
    expect((store["type"], store["migratedFrom"]) == (engine.name, "Etcd (managed)"), "status tells of the move", store)
    return f"no trace of etcd in {len(found)} objects, volume {claims[0]} kept"


def _refused(life: Life, engine: Engine) -> str:
    before = {tier: kube.uids(life.pods(tier)) for tier in ("bbs", "locket", *STAYS)}
    life.change(store=database.former(engine))
    told = life.await_condition("UpgradeBlocked", "True", 60, "StoreMovedAway")
    life.change(store=database.relational(life.namespace, engine, source=False))
    life.await_ready(NEW, 90)
    after = {tier: kube.uids(life.pods(tier)) for tier in before}
    expect(after == before, "no pod is replaced for a way back that is refused, nor for migrateFrom taken out", after)
    return f"refused afterwards: {told['message']}"


def _uids(life: Life) -> dict[str, str]:
    return {name: uid for tier in STAYS for name, uid in kube.uids(life.pods(tier)).items()}
