"""What the operator's account must be allowed; asked once at start, so that a missing verb is named and not guessed."""

from controllers.cluster import Cluster

NEEDED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("diego-operator.io", "diegos", "", ("get", "list", "watch")),
    ("diego-operator.io", "diegos", "status", ("patch",)),
    ("", "pods", "", ("get", "list", "watch", "delete")),
    ("", "pods", "eviction", ("create",)),
    ("apps", "statefulsets", "", ("list", "watch", "create", "patch", "delete")),
    ("", "services", "", ("get", "create", "patch")),
    ("", "configmaps", "", ("get", "create", "patch")),
    ("", "secrets", "", ("get", "create", "patch")),
    ("policy", "poddisruptionbudgets", "", ("get", "create", "patch")),
    ("events.k8s.io", "events", "", ("create",)),
    ("", "events", "", ("list",)),
)


async def missing_permissions(cluster: Cluster, namespace: str) -> list[str]:
    """As `verb resource.group`; `namespace` empty asks for all namespaces."""
    return [
        f"{verb} {'/'.join(part for part in (resource, sub) if part)}{'.' + group if group else ''}"
        for group, resource, sub, verbs in NEEDED
        for verb in verbs
        if not await cluster.may(verb, group, resource, namespace, sub)
    ]
