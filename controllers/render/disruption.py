"""PodDisruptionBudgets: at most one out per tier, and never none, so that a dead operator blocks no drain.

The BBS's is `minAvailable` as a number: over several StatefulSets `maxUnavailable` counts only controllers of pods that
exist, and lets a whole tier be evicted. Of the auctioneers only the one with the lock is Ready, so any budget that
counts Ready pods would hold that one for ever and block a drain; they keep nothing, another takes over in seconds.
"""

from typing import Any

from controllers.api import Diego
from controllers.render.names import Names


def budgets(diego: Diego, names: Names, components: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """By name. A tier of one gets `minAvailable` 0: it must be able to move."""
    found = [_budget(names, component, _rule(diego, component)) for component in components]
    return {one["metadata"]["name"]: one for one in found}


def _rule(diego: Diego, component: str) -> dict[str, Any]:
    if component == "auctioneer":
        return {"maxUnavailable": diego.spec.auctioneer.replicas}
    if component == "bbs":
        return {"minAvailable": diego.spec.bbs.replicas - 1}
    return {"maxUnavailable": 1}


def _budget(names: Names, component: str, rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {
            "name": names.of(component),
            "namespace": names.namespace,
            "labels": names.labels(component),
        },
        "spec": {
            **rule,
            "selector": {"matchLabels": names.selector(component)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }
