"""Events for people: one for each destructive call and each transition, not repeated within a roll."""

import logging
from collections import OrderedDict
from datetime import UTC, datetime

from controllers.api import Diego
from controllers.cluster import CallFailed, Cluster
from controllers.render.names import OPERATOR_NAME

KEPT = 256
log = logging.getLogger(__name__)


class Events:
    """Remembers what it said; losing that only repeats a line."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._said: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    async def say(self, diego: Diego, reason: str, action: str, note: str, *, warning: bool = False) -> None:
        """Write an Event about the Diego, once per (reason, note, generation). A failure is logged, never raised."""
        key = (reason, note, f"{diego.metadata.uid}/{diego.metadata.generation}")
        if key in self._said:
            return
        self._said[key] = None
        while len(self._said) > KEPT:
            self._said.popitem(last=False)
        metadata = diego.metadata
        body = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"generateName": f"{metadata.name}-", "namespace": metadata.namespace},
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": "diego-operator.io/operator",
            "reportingInstance": OPERATOR_NAME,
            "action": action,
            "reason": reason,
            "regarding": {
                "apiVersion": Diego.API_VERSION,
                "kind": "Diego",
                "name": metadata.name,
                "namespace": metadata.namespace,
                "uid": metadata.uid,
            },
            "note": note[:1024],
            "type": "Warning" if warning else "Normal",
        }
        try:
            await self._cluster.create("Event", metadata.namespace, body)
        except CallFailed as failed:
            log.warning("an event was not written", extra={"why": str(failed)[:300]})
