"""Stand-ins for kubelet, BBS members and cells: real TLS, the operator's own certificates, simulated minds."""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

from controllers.cluster import Body, Cluster
from controllers.observe.keys import keyring_of
from controllers.observe.records import files_of
from tests.controllers.decide.simulated.bbs import SimBBS
from tests.controllers.decide.simulated.cluster import SimPod

NAMESPACE = "diego"
PORTS = {"bbs": 8889, "cell": 1801}


@dataclass
class Machines:
    """What runs: a mirror of the pods that the stand-in kubelet has started."""

    cluster: Cluster
    folder: Path
    random: Random = field(default_factory=lambda: Random(1))
    alive: dict[str, tuple[str, SimPod]] = field(default_factory=dict)
    servers: dict[str, web.AppRunner] = field(default_factory=dict)
    bbs: SimBBS = field(init=False)
    started: list[tuple[str, str]] = field(default_factory=list)
    """(pod, version) in the order of starting."""
    now: float = 0.0
    subnet: str = "127.7"
    """Of the pods' addresses; tests may run beside each other."""
    _next: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.bbs = SimBBS(self)  # type: ignore[arg-type]

    def pods(self, component: str) -> list[SimPod]:
        return [pod for kind, pod in self.alive.values() if kind == component]

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self.step()
                await asyncio.sleep(0.3)
        finally:
            for runner in self.servers.values():
                await runner.cleanup()

    async def first_of(self, prefix: str, version: str) -> None:
        """Waits until a pod of that name and version has started."""
        async with self._news:
            await self._news.wait_for(lambda: any(n.startswith(prefix) and v == version for n, v in self.started))

    async def without_old_roots(self) -> None:
        """Waits until no superseded copy of the records is left."""
        async with self._news:
            await self._news.wait_for(lambda: not self.bbs.roots)

    async def step(self) -> None:
        found = await self.cluster.list_all("Pod", NAMESPACE)
        uids = {body["metadata"]["uid"] for body in found if "deletionTimestamp" not in body["metadata"]}
        for uid in [uid for uid in self.alive if uid not in uids]:
            del self.alive[uid]
            if runner := self.servers.pop(uid, None):
                await runner.cleanup()
        for body in found:
            if body["metadata"]["uid"] in uids - set(self.alive):
                await self._start(body)
        keyring = await self.cluster.get("Secret", NAMESPACE, "diego-keyring")
        for pod in self.pods("bbs"):
            pod.loaded = frozenset(keyring_of(keyring).held) if keyring else frozenset()
        self.bbs.elect()
        self.bbs.work()
        async with self._news:
            self._news.notify_all()
        onwards = {"gating": "evacuating", "evacuating": "drained"}
        for pod in self.pods("cell"):
            pod.evacuation = onwards.get(pod.evacuation, pod.evacuation)

    async def _start(self, body: Body) -> None:
        metadata = body["metadata"]
        component = metadata["labels"]["app.kubernetes.io/component"]
        version = body["spec"]["containers"][0]["image"].rpartition(":")[2]
        revision = f"{version}/0/Etcd (managed)<"  # as tests.controllers.decide.simulated.spec writes them
        pod = SimPod(metadata["name"], metadata["uid"], revision, version, ready_since=0.0)
        self._next += 1
        address = f"{self.subnet}.{self._next // 250}.{self._next % 250 + 1}"
        if component in PORTS:
            self.servers[pod.uid] = await self._serve(component, pod, address)
        self.alive[pod.uid] = (component, pod)
        async with self._news:
            self.started.append((pod.name, version))
            self._news.notify_all()
        moment = metadata["creationTimestamp"]
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": moment}
        status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": [ready]}
        await self.cluster.merge("Pod", NAMESPACE, pod.name, {"status": status}, part="status")

    async def _serve(self, component: str, pod: SimPod, address: str) -> web.AppRunner:
        secret = await self.cluster.get("Secret", NAMESPACE, f"diego-{component}-tls")
        assert secret is not None
        for name, content in files_of(secret).items():
            (self.folder / name).write_bytes(content)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.folder / "ca.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.folder / "tls.crt", self.folder / "tls.key")
        app = web.Application()
        app.add_routes(self._bbs_routes(pod) if component == "bbs" else self._cell_routes(pod))
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, address, PORTS[component], ssl_context=context).start()
        return runner

    def _bbs_routes(self, pod: SimPod) -> list[web.RouteDef]:
        async def status(_: web.Request) -> web.Response:
            return web.json_response(document(self.bbs, pod))

        async def prepare(request: web.Request) -> web.Response:
            pod.prepared, pod.preparing = None, (await request.json())["version"]
            return web.Response(status=202)

        async def target(request: web.Request) -> web.Response:
            said = await request.json()
            answer = self.bbs.set_target(pod, said["version"], said["token"], said["if_generation"])
            return web.json_response(
                {"code": answer}, status={"accepted": 200, "same": 200, "stale": 412}.get(answer, 422)
            )

        async def active_key(request: web.Request) -> web.Response:
            said = await request.json()
            pace = said.get("max_records_per_second")
            answer = self.bbs.activate(pod, said["name"], said["if_generation"], said["if_active"], pace)
            codes = {"accepted": 200, "same": 200, "stale": 412}
            return web.json_response({"code": answer}, status=codes.get(answer, 422))

        async def drop_roots(request: web.Request) -> web.Response:
            said = await request.json()
            async with self._news:
                self.bbs.drop_roots(pod, tuple(said["roots"]), said["if_generation"])
                self._news.notify_all()
            return web.json_response({"generation": self.bbs.generation})

        return [
            web.get("/status", status),
            web.post("/admin/v1/drop-roots", drop_roots),
            web.post("/admin/v1/prepare", prepare),
            web.put("/admin/v1/target", target),
            web.put("/admin/v1/active-key", active_key),
        ]

    def _cell_routes(self, pod: SimPod) -> list[web.RouteDef]:
        async def state(_: web.Request) -> web.Response:
            return web.json_response({"state": pod.evacuation, "remaining": 0, "reason": None})

        async def evacuate(_: web.Request) -> web.Response:
            pod.evacuation = "gating"
            return web.json_response({}, status=202)

        async def cancel(_: web.Request) -> web.Response:
            pod.evacuation = "none"
            return web.json_response({})

        return [
            web.get("/evacuation", state),
            web.post("/evacuate", evacuate),
            web.delete("/evacuation", cancel),
        ]


def document(bbs: SimBBS, pod: SimPod) -> dict[str, Any]:
    """`/status` as a BBS member writes it."""
    said = bbs.status(pod)
    data, prepared = said.data, said.prepared
    return {
        "version": said.version,
        "build": said.build,
        "api": {"majors": list(said.majors)},
        "layouts": {"reads": list(said.reads), "serves": list(said.serves)},
        "member": {"pod": said.pod, "uid": said.uid},
        "role": said.role,
        "state": said.state,
        "reason": None,
        "epoch": said.epoch,
        "seq": 1,
        "store": {"type": "etcd", "id": "store", "owner": "diego/diego"},
        "data": data
        and {
            "current": data.current,
            "target": data.target,
            "wanted": data.wanted,
            "token": data.token,
            "generation": data.generation,
        },
        "migration": None,
        "prepared": prepared
        and {"version": prepared.version, "seq": 1, "ok": prepared.ok, "count": 5, "first_bad": None},
        "keys": {
            "active": said.key_active or None,
            "stored": said.key_stored or None,
            "loaded": list(said.keys_loaded),
            "counts": dict(said.key_counts),
            "max_records_per_second": said.key_pace,
        },
        "old_roots": list(said.old_roots),
        "unreadable": None,
        "evacuating": None,
        "suspect": None,
    }
