"""The status fields, as far as this pass knows them. Unknown parts are left out, never guessed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from controllers.decide.encryption import encryption_status
from controllers.decide.observation import Identity, Member, Workload
from controllers.decide.releases import oldest
from controllers.decide.seen import Seen
from controllers.decide.tokens import target_token
from controllers.decide.turn import Step, Turn

ROLLING_SHOWN = 16


def status_of(turn: Turn, step: Step) -> Mapping[str, Any]:
    """A dict in the resource's own (camelCase) words, without conditions."""
    seen = turn.seen
    found = {
        "observedGeneration": seen.wanted.generation,
        "version": _version(seen),
        "dataVersion": _data(seen),
        "migration": _migration(seen.master),
        "store": _store(seen.master, seen.world.identity),
        "encryption": encryption_status(seen),
        "bbs": _bbs(seen),
        "cells": _cells(seen),
        "components": [_component(seen, name) for name in ("etcd", "locket", "auctioneer") if seen.existing(name)],
        "roll": _roll(turn, step),
        "resolved": {"images": [{"component": c, "image": i} for c, i in sorted(seen.wanted.images.items())]},
    }
    return {key: value for key, value in found.items() if value not in (None, {}, [])}


def _running(seen: Seen) -> str:
    """The oldest release that runs, by the members' word and the annotations of the rest."""
    pods = [pod.version for w in seen.world.workloads.values() for pod in w.pods if pod.version]
    return oldest([*(m.version for m in seen.world.members.values()), *pods])


def _version(seen: Seen) -> dict[str, Any]:
    return {"current": _running(seen) or None, "target": seen.wanted.version}


def _data(seen: Seen) -> dict[str, Any] | None:
    master = seen.master
    if master is None or master.data is None:
        return {"wanted": seen.target} if seen.target is not None else None
    supported = {"min": min(master.serves), "max": max(master.serves)} if master.serves else None
    return {
        "current": master.data.current,
        "target": master.data.target,
        "wanted": seen.target,
        "supported": supported,
    }


def _migration(master: Member | None) -> dict[str, Any] | None:
    if master is None or master.migration is None:
        return None
    found = master.migration
    failure = {"record": found.failure_key, "reason": found.failure_reason, "message": found.failure_message}
    return {
        "phase": found.phase,
        "mode": found.mode,
        "from": found.source,
        "to": found.to,
        "attempt": found.attempt,
        "recordsDone": found.done,
        "recordsTotal": found.total,
        "startedAt": _moment(found.started_at) if found.started_at else None,
        "failure": failure if found.failed else None,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _store(master: Member | None, identity: Identity | None) -> dict[str, Any] | None:
    moved = {"migratedFrom": identity.migrated_from} if identity and identity.migrated_from else {}
    if master is not None and master.store_id:
        return {"type": master.store_type, "id": master.store_id, "owner": master.owner, **moved}
    return {"id": identity.store_id, **moved} if identity else None


def _counts(seen: Seen, workloads: Iterable[Workload]) -> dict[str, int]:
    found = list(workloads)
    return {
        "replicas": sum(w.replicas for w in found),
        "readyReplicas": sum(1 for w in found for pod in w.live if pod.ready),
        "updatedReplicas": sum(
            1
            for w in found
            for pod in w.live
            if seen.template_current(w) and w.settled and pod.revision == w.update_revision
        ),
    }


def _bbs(seen: Seen) -> dict[str, Any]:
    counts, master = _counts(seen, seen.bbs), seen.master
    restarts = {pod.name: pod.restarts for w in seen.bbs for pod in w.pods}
    return {
        **counts,
        "ready": f"{counts['readyReplicas']}/{len(seen.wanted.of('bbs'))}",
        "master": {"name": master.pod, "epoch": master.epoch} if master else None,
        "members": [
            {
                "name": m.pod,
                "role": m.role,
                "state": m.state,
                "version": m.version,
                "restarts": restarts.get(m.pod),
                "message": f"{m.reason} {m.reason_message}".strip() or None,
            }
            for _, m in sorted(seen.world.members.items())[:7]
        ],
    }


def _cells(seen: Seen) -> dict[str, Any]:
    workloads = seen.existing("cell")
    counts = _counts(seen, workloads)
    busy = {name: cell for name, cell in sorted(seen.world.cells.items()) if cell.state != "none"}
    pools = [
        {"name": w.pool, "replicas": w.replicas, "updatedReplicas": _counts(seen, [w])["updatedReplicas"]}
        for w in workloads
    ]
    return {
        **counts,
        "evacuating": len(busy),
        "updated": f"{counts['updatedReplicas']}/{sum(w.replicas for w in seen.wanted.of('cell'))}",
        "pools": pools[:32],
        "rolling": [
            {"name": name, "state": cell.state.capitalize(), "remaining": cell.remaining}
            for name, cell in list(busy.items())[:ROLLING_SHOWN]
        ],
    }


def _component(seen: Seen, name: str) -> dict[str, Any]:
    workloads = seen.existing(name)
    return {"name": name, **_counts(seen, workloads), "version": oldest([w.version for w in workloads])}


def _roll(turn: Turn, step: Step) -> dict[str, Any] | None:
    if step.done:
        return None
    seen, master = turn.seen, turn.seen.master
    current = master.data.current if master and master.data else None
    return {
        "id": target_token(seen.wanted, seen.target or 0)[:6],
        "direction": "Down" if seen.going_down else "Up",
        "from": {"version": _running(seen) or None, "dataVersion": current},
        "to": {"version": seen.wanted.version, "dataVersion": seen.target},
        "step": step.name.capitalize(),
        "waitingFor": step.waiting[:2048] or None,
    }
