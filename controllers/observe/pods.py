"""StatefulSets, pods and events of the API server as facts."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from controllers.decide.observation import STORE_MISCONFIGURED, VOLUME_EMPTY, Pod, Workload
from controllers.render.names import INPUTS_HASH, MEMBER, POOL, RELEASE, RENDERED_HASH, STORE

COMPONENT = "app.kubernetes.io/component"
PASSING = ("", "ContainerCreating", "PodInitializing")
"""Waiting reasons of a pod that is on its way."""

Body = Mapping[str, Any]


def seconds(text: str | None) -> float | None:
    """A Kubernetes time as seconds since the Unix epoch."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None


def workload_of(body: Body, pods: Iterable[Body], trouble: str = "") -> Workload:
    """A StatefulSet with those of the pods that it controls."""
    metadata, spec, status = body["metadata"], body["spec"], body.get("status", {})
    annotations, labels = metadata.get("annotations", {}), metadata.get("labels", {})
    member = labels.get(MEMBER)
    return Workload(
        name=metadata["name"],
        component=labels.get(COMPONENT, ""),
        uid=metadata["uid"],
        generation=metadata["generation"],
        observed_generation=status.get("observedGeneration", 0),
        replicas=spec.get("replicas", 1),
        update_revision=status.get("updateRevision", ""),
        inputs_hash=annotations.get(INPUTS_HASH, ""),
        rendered_hash=annotations.get(RENDERED_HASH, ""),
        version=annotations.get(RELEASE, ""),
        pods=tuple(pod_of(pod) for pod in pods if _controlled_by(pod, metadata["uid"])),
        member=int(member) if member is not None else None,
        pool=labels.get(POOL),
        trouble=trouble,
        store=annotations.get(STORE, ""),
    )


def _controlled_by(pod: Body, uid: str) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    return any(owner["uid"] == uid and owner.get("controller") for owner in owners)


def pod_of(body: Body) -> Pod:
    """A pod; `waiting` is the worst that anybody says of it."""
    metadata, status = body["metadata"], body.get("status", {})
    conditions = {one["type"]: one for one in status.get("conditions", [])}
    ready = conditions.get("Ready", {})
    containers = status.get("containerStatuses", [])
    every = [*status.get("initContainerStatuses", []), *containers]
    is_ready = ready.get("status") == "True"
    reason, message = _waiting(conditions, every, is_ready=is_ready)
    return Pod(
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        revision=metadata.get("labels", {}).get("controller-revision-hash", ""),
        ready=is_ready,
        ready_since=seconds(ready.get("lastTransitionTime")) if is_ready else None,
        started=bool(containers) and all(one.get("started") for one in containers),
        terminating="deletionTimestamp" in metadata,
        ip=status.get("podIP", ""),
        waiting=reason,
        waiting_message=message,
        version=metadata.get("annotations", {}).get(RELEASE, ""),
        restarts=sum(one.get("restartCount", 0) for one in every),
    )


def _waiting(conditions: Mapping[str, Body], containers: list[Body], *, is_ready: bool) -> tuple[str, str]:
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        message = str(scheduled.get("message", ""))
        volume = "persistentvolumeclaim" in message.lower().replace(" ", "")
        return ("VolumePending" if volume else str(scheduled.get("reason", ""))), message[:300]
    if not is_ready and (words := _turned_away(containers)):
        return STORE_MISCONFIGURED, words[:300]
    if not is_ready and any(_came_without_volume(one) for one in containers):
        return VOLUME_EMPTY, "its volume is empty, and etcd was not told of a new member in its place"
    for container in containers:
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason", "") not in PASSING:
            return str(waiting["reason"]), str(waiting.get("message", ""))[:300]
    return "", ""


def _turned_away(containers: list[Body]) -> str:
    """What a BBS said of its store before it ended; the kubelet keeps the end of its log (docs/reference/cli.md)."""
    for container in containers:
        ends = [container.get(state, {}).get("terminated", {}) for state in ("state", "lastState")]
        for line in (line for end in ends for line in str(end.get("message", "")).splitlines()):
            if '"bad-configuration"' in line and (said := _fields(line)).get("part") == "store":
                return str(said.get("message", ""))
    return ""


def _came_without_volume(container: Body) -> bool:
    """An etcd that ended so; once it runs, an earlier end says nothing."""
    if "running" in container.get("state", {}):
        return False
    ends = [container.get(state, {}).get("terminated", {}) for state in ("state", "lastState")]
    return any("couldn't find local name" in str(end.get("message", "")) for end in ends)


def _fields(line: str) -> Body:
    """A line of a log of ours; nothing, where the kubelet has cut it."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def trouble_of(events: Iterable[Body], name: str) -> str:
    """The newest warning about a StatefulSet that can't make its pods."""
    about = [
        event
        for event in events
        if event.get("involvedObject", {}).get("name") == name and event.get("reason") == "FailedCreate"
    ]
    newest = max(about, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), default=None)
    return str(newest.get("message", ""))[:600] if newest else ""
