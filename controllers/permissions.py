"""What the operator's account must be allowed; asked once at start, so that a missing verb is named and not guessed."""

from controllers.api.permissions import IN_WATCHED_NAMESPACES, Permission
from controllers.cluster import Cluster


async def missing_permissions(cluster: Cluster, namespace: str) -> list[str]:
    """As `verb resource.group`; `namespace` empty asks for all namespaces."""
    return [
        str(permission)
        for permission in sorted(IN_WATCHED_NAMESPACES)
        if not await _allowed(cluster, permission, namespace)
    ]


async def _allowed(cluster: Cluster, permission: Permission, namespace: str) -> bool:
    resource, _, subresource = permission.resource.partition("/")
    return await cluster.may(permission.verb, permission.group, resource, namespace, subresource)
