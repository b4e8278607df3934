"""The Kubernetes API as this operator uses it: plain dicts, paths from a table, every call with a deadline.

Owns requests and their errors; decides nothing. Destructive calls (`evict`, `delete_pod`) demand uid and
resourceVersion: there is no other way to call them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kubernetes.aio import client, config
from kubernetes.aio.client.exceptions import ApiException

from controllers.render.names import FIELD_MANAGER

DEADLINE_S = 15.0

PATHS = {
    "Diego": "/apis/diego-operator.io/v1alpha1/namespaces/{ns}/diegos",
    "StatefulSet": "/apis/apps/v1/namespaces/{ns}/statefulsets",
    "Pod": "/api/v1/namespaces/{ns}/pods",
    "Service": "/api/v1/namespaces/{ns}/services",
    "ConfigMap": "/api/v1/namespaces/{ns}/configmaps",
    "Secret": "/api/v1/namespaces/{ns}/secrets",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
    "PersistentVolumeClaim": "/api/v1/namespaces/{ns}/persistentvolumeclaims",
    "CoreEvent": "/api/v1/namespaces/{ns}/events",
    "Event": "/apis/events.k8s.io/v1/namespaces/{ns}/events",
    "Lease": "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
}

Body = dict[str, Any]


class CallFailed(Exception):
    """The API server refused or did not answer: verb, object, status and what it said. Never a request body."""

    def __init__(self, verb: str, what: str, status: int, said: str) -> None:
        super().__init__(f"{verb} {what}: {status} {said}")
        self.status = status


class Cluster:
    """One connection pool to the API server."""

    def __init__(self, api: client.ApiClient) -> None:
        self._api = api

    @classmethod
    async def connect(cls) -> Cluster:
        """In a pod by its service account, elsewhere by the kubeconfig."""
        settings = client.Configuration()
        try:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        except config.ConfigException:
            await config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        return cls(client.ApiClient(settings))

    async def close(self) -> None:
        """Ends the connections."""
        await self._api.close()  # type: ignore[no-untyped-call]

    async def get(self, kind: str, namespace: str, name: str) -> Body | None:
        """The object, or None when there is none."""
        try:
            return await self._call("GET", kind, namespace, name)
        except CallFailed as failed:
            if failed.status == 404:
                return None
            raise

    async def list_all(self, kind: str, namespace: str, *, labels: str = "", fields: str = "") -> list[Body]:
        """All objects of a kind in a namespace."""
        query = [(key, value) for key, value in (("labelSelector", labels), ("fieldSelector", fields)) if value]
        found = await self._call("GET", kind, namespace, query=query)
        return list(found.get("items", []))

    async def create(self, kind: str, namespace: str, body: Body) -> Body:
        """Create; CallFailed 409 when it exists."""
        return await self._call("POST", kind, namespace, body=body, query=[("fieldManager", FIELD_MANAGER)])

    async def replace(self, kind: str, namespace: str, name: str, body: Body) -> Body:
        """Update under the resourceVersion in `body`; CallFailed 409 when it moved on."""
        return await self._call("PUT", kind, namespace, name, body=body, query=[("fieldManager", FIELD_MANAGER)])

    async def apply(self, body: Body) -> Body:
        """Server-side apply with force: these fields are ours."""
        metadata = body["metadata"]
        return await self._call(
            "PATCH",
            body["kind"],
            metadata["namespace"],
            metadata["name"],
            body=body,
            query=[("fieldManager", FIELD_MANAGER), ("force", "true")],
            content="application/apply-patch+yaml",
        )

    async def merge(self, kind: str, namespace: str, name: str, patch: Body, *, part: str = "") -> Body:
        """JSON merge patch of the object or of a subresource."""
        return await self._call(
            "PATCH",
            kind,
            namespace,
            name,
            part=part,
            body=patch,
            query=[("fieldManager", FIELD_MANAGER)],
            content="application/merge-patch+json",
        )

    async def evict(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        """Eviction API: a disruption budget may refuse (429)."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": _preconditions(uid, resource_version),
        }
        await self._call("POST", "Pod", namespace, name, part="eviction", body=body)

    async def delete_pod(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        """Delete exactly this pod in exactly this state."""
        await self._call("DELETE", "Pod", namespace, name, body=_preconditions(uid, resource_version))

    async def delete(self, kind: str, namespace: str, name: str, *, uid: str, resource_version: str = "") -> None:
        """Delete exactly this object, in exactly this state if one is given; its pods go with it."""
        state = {"resourceVersion": resource_version} if resource_version else {}
        body = {"preconditions": {"uid": uid, **state}, "propagationPolicy": "Background"}
        await self._call("DELETE", kind, namespace, name, body=body)

    async def may(self, verb: str, group: str, resource: str, namespace: str, subresource: str = "") -> bool:
        """Whether this account may: SelfSubjectAccessReview."""
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        if subresource:
            attributes["subresource"] = subresource
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        found = await self._request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=body)
        return bool(found.get("status", {}).get("allowed"))

    async def _call(
        self,
        verb: str,
        kind: str,
        namespace: str,
        name: str = "",
        *,
        part: str = "",
        body: Body | None = None,
        query: list[tuple[str, str]] | None = None,
        content: str = "application/json",
    ) -> Body:
        path = "/".join(piece for piece in (PATHS[kind].format(ns=namespace), name, part) if piece)
        return await self._request(verb, path, body=body, query=query, content=content)

    async def _request(
        self,
        verb: str,
        path: str,
        *,
        body: Body | None = None,
        query: list[tuple[str, str]] | None = None,
        content: str = "application/json",
    ) -> Body:
        request = await self._api.param_serialize(
            verb,
            path,
            query_params=query or [],
            header_params={"Accept": "application/json", "Content-Type": content},
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            answer = await self._api.call_api(*request, _request_timeout=DEADLINE_S)
            text = await answer.read()  # type: ignore[no-untyped-call]
        except ApiException as failed:
            raise CallFailed(verb, path, failed.status or 0, _said(failed.body)) from failed
        except (TimeoutError, OSError) as failed:
            raise CallFailed(verb, path, 0, f"no answer: {failed or type(failed).__name__}") from failed
        if not 200 <= answer.status <= 299:
            raise CallFailed(verb, path, answer.status, _said(text))
        return dict(json.loads(text)) if text else {}


def _preconditions(uid: str, resource_version: str) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": uid, "resourceVersion": resource_version},
    }


def _said(body: Any) -> str:
    """The API server's own words."""
    try:
        found: Mapping[str, Any] = json.loads(body)
    except (TypeError, ValueError):
        return str(body)[:300]
    return str(found.get("message", ""))[:600]
