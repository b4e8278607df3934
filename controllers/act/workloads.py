"""Writing StatefulSets, and replacing their pods: the one place from which anything running is taken away."""

from controllers.act.foundation import write_config
from controllers.act.scene import Scene
from controllers.decide.actions import DeletePod, EvictPod, RemoveObject, RemoveWorkload, ScaleWorkload, WriteWorkload
from controllers.observe.members import evacuation_of
from controllers.render.workloads import statefulset


class Moved(Exception):
    """The world is no longer as it was when this was decided; the next pass decides anew."""


async def write_workload(scene: Scene, action: WriteWorkload) -> None:
    """The configuration file first, since the template names it; the number of replicas stays as it is."""
    version = action.version or scene.diego.spec.version
    blueprint = scene.blueprints(version).get(action.name)
    if blueprint is None:
        raise Moved(f"{action.name} is not wanted any more")
    if blueprint.config is not None:
        await write_config(scene, blueprint.component, [blueprint])
    seen = scene.world.workloads.get(action.name)
    replicas = seen.replicas if seen is not None else None
    await scene.cluster.apply(statefulset(scene.diego, scene.names, blueprint, replicas=replicas, mark=scene.mark))


async def scale_workload(scene: Scene, action: ScaleWorkload) -> None:
    """Only the number, and only if the object is the one that was seen."""
    patch = {"metadata": {"uid": scene.world.workloads[action.name].uid}, "spec": {"replicas": action.replicas}}
    await scene.cluster.merge("StatefulSet", scene.names.namespace, action.name, patch)


async def remove_workload(scene: Scene, action: RemoveWorkload) -> None:
    """With its pods."""
    await scene.cluster.delete("StatefulSet", scene.names.namespace, action.name, uid=action.uid)


async def remove_object(scene: Scene, action: RemoveObject) -> None:
    """A fresh GET, and only if the object is the one that was seen and no other Diego's or person's."""
    namespace = scene.names.namespace
    found = await scene.cluster.get(action.kind, namespace, action.name)
    if found is None or found["metadata"]["uid"] != action.uid:
        raise Moved(f"{action.kind} {action.name} is not the one that was seen")
    version = found["metadata"]["resourceVersion"]
    await scene.cluster.delete(action.kind, namespace, action.name, uid=action.uid, resource_version=version)


async def take_pod_away(scene: Scene, action: EvictPod | DeletePod) -> None:
    """A fresh GET, the same uid, and its resourceVersion as precondition.

    A cell is asked once more after that GET: a rep that restarted in between has lost its latch and takes work again,
    and its restart has changed the resourceVersion.
    """
    namespace = scene.names.namespace
    found = await scene.cluster.get("Pod", namespace, action.name)
    if found is None or found["metadata"]["uid"] != action.uid or "deletionTimestamp" in found["metadata"]:
        raise Moved(f"{action.name} is not the pod that was seen")
    version = found["metadata"]["resourceVersion"]
    if isinstance(action, DeletePod):
        await scene.cluster.delete_pod(namespace, action.name, uid=action.uid, resource_version=version)
        return
    if action.cell:
        await _still_drained(scene, action.name)
    await scene.cluster.evict(namespace, action.name, uid=action.uid, resource_version=version)


async def _still_drained(scene: Scene, pod: str) -> None:
    said = evacuation_of(await scene.plane.cell("GET", pod, scene.addresses[pod], "/evacuation"))
    if said.state != "drained":
        raise Moved(f"{pod} is {said.state}, wanted drained")
