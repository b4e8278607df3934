"""The verbs that the operator needs, as data: checked at its start, and compared with what its chart grants.

Reasons stand beside the rules of the chart (`charts/diego-operator/templates/_rules.tpl`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One verb on one resource (`pods`, or `pods/eviction`) of an API group; the core group is empty."""

    group: str
    resource: str
    verb: str

    def __str__(self) -> str:
        """As people and error messages name it: `patch statefulsets.apps`."""
        return f"{self.verb} {self.resource}{'.' if self.group else ''}{self.group}"


def _all(group: str, resources: str, verbs: str) -> tuple[Permission, ...]:
    return tuple(Permission(group, resource, verb) for resource in resources.split() for verb in verbs.split())


IN_WATCHED_NAMESPACES: frozenset[Permission] = frozenset(
    (
        *_all("diego-operator.io", "diegos", "get list watch"),
        *_all("diego-operator.io", "diegos/status", "patch"),
        *_all("diego-operator.io", "diegos/finalizers", "update"),
        *_all("", "pods", "get list watch delete"),
        *_all("", "pods/eviction", "create"),
        *_all("apps", "statefulsets", "list watch create patch delete"),
        *_all("", "services configmaps secrets", "get create patch delete"),
        *_all("policy", "poddisruptionbudgets", "get create patch delete"),
        *_all("events.k8s.io", "events", "create"),
        *_all("", "events", "list"),
    )
)
"""What it does in each namespace whose Diegos it runs."""

IN_OWN_NAMESPACE: frozenset[Permission] = frozenset(_all("coordination.k8s.io", "leases", "get create update"))
"""What it does where it runs itself."""
