"""One look at the world. Raises CallFailed when Kubernetes does not answer; a silent BBS or cell is a fact."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from controllers.cluster import Cluster
from controllers.decide.observation import (
    Certificate,
    EtcdMember,
    Evacuation,
    Identity,
    Keyring,
    KeySource,
    Member,
    Observation,
    Workload,
)
from controllers.decide.wanted import Wanted
from controllers.observe.aborted import Aborted
from controllers.observe.etcd import etcd_members
from controllers.observe.keys import keyring_of, source_of
from controllers.observe.members import evacuation_of, member_of
from controllers.observe.pods import trouble_of, workload_of
from controllers.observe.records import certificate_of, digest_of, files_of, identity_of
from controllers.plane import DIEGO, ETCD, CallRefused, NoAnswer, Plane
from controllers.render.etcd import ENTRY_KEY, objects_of_etcd
from controllers.render.names import INSTANCE, MANAGED_BY, OPERATOR_NAME, Names

SLOW_FACTS_S = 20.0
"""How old certificates and plain objects may be: they change by our own hand, or by a stranger's, seldom."""

log = logging.getLogger(__name__)
Asked = frozenset[tuple[str, str, int, int]]


class Observer:
    """Reads for one Diego. Keeps slow facts for a while; `forget` after writing any of them."""

    def __init__(self, cluster: Cluster, plane: Plane, names: Names) -> None:
        self._cluster, self._plane, self._names = cluster, plane, names
        self._read_at = float("-inf")
        self._certificates: dict[str, Certificate] = {}
        self._objects: dict[str, str] = {}
        self._leavings: dict[str, str] = {}
        self._config_files: dict[str, tuple[str, ...]] = {}
        self._keyring: Keyring | None = None
        self._key_sources: dict[str, KeySource] = {}
        self.aborted = Aborted()
        self.addresses: dict[str, str] = {}

    def forget(self) -> None:
        """Read everything next time."""
        self._read_at = float("-inf")

    async def look(self, wanted: Wanted, identity: Identity | None, asked: Asked, monotonic: float) -> Observation:
        """The whole Observation; `identity` is what this pass decides on, `monotonic` in seconds."""
        workloads = await self._workloads()
        if monotonic - self._read_at > SLOW_FACTS_S:
            await self._slow(wanted)
            self._leavings = await self._left(identity)
            self._read_at = monotonic
        members, cells, (etcd, entry) = await asyncio.gather(
            self._members(workloads), self._cells(workloads, monotonic), self._etcd(wanted, workloads)
        )
        return Observation(
            workloads=workloads,
            objects=dict(self._objects),
            certificates=dict(self._certificates),
            keyring=self._keyring,
            key_sources=dict(self._key_sources),
            leavings=dict(self._leavings),
            config_files=dict(self._config_files),
            identity=identity,
            members=members,
            cells=cells,
            etcd=etcd,
            etcd_entry=entry,
            prepare_asked=asked,
        )

    async def _workloads(self) -> dict[str, Workload]:
        namespace, labels = self._names.namespace, f"{INSTANCE}={self._names.name}"
        labels += f",{MANAGED_BY}={OPERATOR_NAME}"
        sets, pods = await asyncio.gather(
            self._cluster.list_all("StatefulSet", namespace, labels=labels),
            self._cluster.list_all("Pod", namespace, labels=labels),
        )
        found = [workload_of(one, pods) for one in sets]
        if any(len(one.pods) < one.replicas for one in found):
            fields = "involvedObject.kind=StatefulSet,type=Warning"
            events = await self._cluster.list_all("CoreEvent", namespace, fields=fields)
            found = [workload_of(one, pods, trouble_of(events, one["metadata"]["name"])) for one in sets]
        self.addresses = {pod.name: pod.ip for one in found for pod in one.pods if pod.ip}
        return {one.name: one for one in found}

    async def identity(self) -> Identity | None:
        """ConfigMap N-identity, which tells what is to be rendered, too."""
        found = await self._cluster.get("ConfigMap", self._names.namespace, self._names.identity)
        return identity_of(found) if found else None

    async def _slow(self, wanted: Wanted) -> None:
        namespace = self._names.namespace
        secrets = [one.secret for one in wanted.certificates]
        kinds = [(one.kind, one.name) for one in wanted.objects]
        bodies = await asyncio.gather(
            *(self._cluster.get("Secret", namespace, name) for name in (*secrets, self._names.keyring)),
            *(self._cluster.get(kind, namespace, name) for kind, name in kinds),
        )
        self._certificates = {
            name: found
            for name, body in zip(secrets, bodies[: len(secrets)], strict=True)
            if body is not None and (found := certificate_of(body)) is not None
        }
        keyring = bodies[len(secrets)]
        self._keyring = keyring_of(keyring) if keyring else None
        await self._sources(wanted)
        rest = bodies[len(secrets) + 1 :]
        self._objects = {
            f"{kind}/{name}": digest_of(body) for (kind, name), body in zip(kinds, rest, strict=True) if body
        }
        self._config_files = {
            name: tuple(body.get("data", {}))
            for (kind, name), body in zip(kinds, rest, strict=True)
            if body is not None and kind == "ConfigMap"
        }
        await self._trust(dict(zip(secrets, bodies, strict=False)))

    async def _left(self, identity: Identity | None) -> dict[str, str]:
        """What was made for a managed etcd and is there, once the records have left it: uid by kind and name."""
        if identity is None or not identity.migrated_from:
            return {}
        known = objects_of_etcd(self._names)
        bodies = await asyncio.gather(*(self._cluster.get(kind, self._names.namespace, name) for kind, name in known))
        found = {f"{kind}/{name}": body for (kind, name), body in zip(known, bodies, strict=True) if body is not None}
        return {key: str(body["metadata"]["uid"]) for key, body in found.items() if self._ours(body)}

    def _ours(self, body: Mapping[str, Any]) -> bool:
        """Made by this operator, and not by a person under the same name."""
        labels: Mapping[str, str] = body["metadata"].get("labels", {})
        return labels.get(INSTANCE) == self._names.name and labels.get(MANAGED_BY) == OPERATOR_NAME

    async def _sources(self, wanted: Wanted) -> None:
        names = sorted({key.secret for key in wanted.keys})
        found = await asyncio.gather(*(self._cluster.get("Secret", self._names.namespace, name) for name in names))
        bodies = dict(zip(names, found, strict=True))
        self._key_sources = {key.label: source_of(key, bodies[key.secret]) for key in wanted.keys}

    async def _trust(self, bodies: Mapping[str, Any]) -> None:
        for component, towards in (("operator", DIEGO), ("etcd-client", ETCD)):
            own = bodies.get(self._names.tls(component))
            if own is not None and certificate_of(own) is not None:
                await self._plane.trust(files_of(own), towards)

    async def _etcd(
        self, wanted: Wanted, workloads: Mapping[str, Workload]
    ) -> tuple[tuple[EtcdMember, ...] | None, str]:
        """The members by a quorum's word, and what is written down of who may join."""
        if not wanted.of("etcd"):
            return None, ""
        found = await self._cluster.get("ConfigMap", self._names.namespace, self._names.of("etcd"))
        entry = str((found or {}).get("data", {}).get(ENTRY_KEY, ""))
        pods = [pod for one in workloads.values() if one.component == "etcd" for pod in one.pods]
        for pod in pods:
            if pod.ready and pod.ip:
                try:
                    return etcd_members(
                        await self._plane.etcd(pod.name, pod.ip, "/v3/cluster/member/list", {"linearizable": True})
                    ), entry
                except (NoAnswer, CallRefused, ValidationError) as failed:
                    log.debug("no list of a member of etcd", extra={"pod": pod.name, "why": str(failed)[:300]})
        return None, entry

    async def _members(self, workloads: Mapping[str, Workload]) -> dict[str, Member]:
        pods = [pod for one in workloads.values() if one.component == "bbs" for pod in one.pods if pod.ip]
        said = await asyncio.gather(*(self._member(pod.name, pod.ip) for pod in pods))
        return {pod.name: one for pod, one in zip(pods, said, strict=True) if one is not None and one.uid == pod.uid}

    async def _member(self, pod: str, ip: str) -> Member | None:
        try:
            return member_of(pod, await self._plane.bbs("GET", pod, ip, "/status"))
        except (NoAnswer, CallRefused, ValidationError) as failed:
            log.debug("no status of a member", extra={"pod": pod, "why": str(failed)[:300]})
            return None

    async def _cells(self, workloads: Mapping[str, Workload], monotonic: float) -> dict[str, Evacuation]:
        pods = [pod for one in workloads.values() if one.component == "cell" for pod in one.pods if pod.ip]
        said = await asyncio.gather(*(self._cell(pod.name, pod.ip) for pod in pods))
        found = {pod.name: one for pod, one in zip(pods, said, strict=True) if one is not None}
        return {name: self.aborted.aged(name, one, monotonic) for name, one in found.items()}

    async def _cell(self, pod: str, ip: str) -> Evacuation | None:
        try:
            return evacuation_of(await self._plane.cell("GET", pod, ip, "/evacuation"))
        except (NoAnswer, CallRefused, ValidationError) as failed:
            log.debug("no evacuation state of a cell", extra={"pod": pod, "why": str(failed)[:300]})
            return None
