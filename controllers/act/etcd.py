"""Changes of the managed etcd's membership, one call each, and of who may join with an empty volume."""

from typing import Any

from controllers.act.scene import Scene
from controllers.act.workloads import Moved
from controllers.decide.actions import AddEtcdMember, PromoteEtcdMember, RemoveEtcdMember, WriteEtcdEntry
from controllers.plane import CallRefused, NoAnswer
from controllers.render.etcd import peer_url
from controllers.render.records import etcd_map


async def write_entry(scene: Scene, action: WriteEtcdEntry) -> None:
    """ConfigMap N-etcd, whole."""
    await scene.cluster.apply(etcd_map(scene.diego, scene.names, action.entry))


async def add_member(scene: Scene, action: AddEtcdMember) -> None:
    """A learner: it has no vote until it has caught up. A second call for the same pod is refused by etcd."""
    body = {"peerURLs": [peer_url(scene.names, action.name)], "isLearner": True}
    await _etcd(scene, action.name, "/v3/cluster/member/add", body)


async def promote_member(scene: Scene, action: PromoteEtcdMember) -> None:
    """Raises Moved while it has not caught up."""
    try:
        await _etcd(scene, action.name, "/v3/cluster/member/promote", {"ID": action.id})
    except CallRefused as refused:
        if "in sync" in str(refused):
            raise Moved(f"{action.name} has not caught up") from refused
        raise


async def remove_member(scene: Scene, action: RemoveEtcdMember) -> None:
    """By the id that was seen: a member that came back under another one is not meant."""
    await _etcd(scene, action.name, "/v3/cluster/member/remove", {"ID": action.id})


async def _etcd(scene: Scene, about: str, path: str, body: dict[str, Any]) -> None:
    """Asked of a Ready pod that it is not about. Raises NoAnswer when there is none."""
    found = [one for one in scene.world.workloads.values() if one.component == "etcd"]
    asked = [pod for one in found for pod in one.pods if pod.ready and pod.ip and pod.name != about]
    if not asked:
        raise NoAnswer(f"no other member of etcd than {about} is Ready")
    await scene.plane.etcd(asked[0].name, asked[0].ip, path, body)
