"""Calls to the BBS and to cells. Each may be repeated: the same wish twice changes nothing."""

from typing import Any

from controllers.act.scene import Scene
from controllers.decide.actions import ActivateKey, DropRoots, Prepare, SetMove, SetTarget, StepDown

DROPPING_S = 20.0
"""How long one pass waits for a root to go: well below the loop's own deadline."""


async def prepare(scene: Scene, action: Prepare) -> None:
    """Ask one member for a dry run."""
    await _bbs(scene, "POST", action.pod, "/admin/v1/prepare", {"version": action.version})


async def set_target(scene: Scene, action: SetTarget) -> None:
    """The fenced call: refused with 412 when the anchor's counter has moved since it was read."""
    body: dict[str, Any] = {
        "version": action.version,
        "token": action.token,
        "if_generation": action.if_generation,
        "mode": "Online" if action.online else "Offline",
    }
    if action.max_records_per_second is not None:
        body["max_records_per_second"] = action.max_records_per_second
    await _bbs(scene, "PUT", action.pod, "/admin/v1/target", body)


async def set_move(scene: Scene, action: SetMove) -> None:
    """Fenced as `set_target`, by the counter of calls about the move; the same wish twice changes nothing."""
    body = {"wanted": action.wanted, "token": action.token, "if_generation": action.if_generation}
    await _bbs(scene, "PUT", action.pod, "/admin/v1/move", body)


async def drop_roots(scene: Scene, action: DropRoots) -> None:
    """Fenced as `set_target`; answered when the root is gone. Cut off half-way, the next call goes on."""
    body = {"roots": list(action.roots), "if_generation": action.if_generation}
    address = scene.addresses[action.pod]
    await scene.plane.bbs("POST", action.pod, address, "/admin/v1/drop-roots", body, within=DROPPING_S)


async def activate_key(scene: Scene, action: ActivateKey) -> None:
    """Fenced as `set_target`, and by the key that was active when it was decided; the same call twice is one."""
    body: dict[str, Any] = {
        "name": action.label,
        "if_generation": action.if_generation,
        "if_active": action.if_active,
    }
    if action.max_records_per_second is not None:
        body["max_records_per_second"] = action.max_records_per_second
    await _bbs(scene, "PUT", action.pod, "/admin/v1/active-key", body)


async def step_down(scene: Scene, action: StepDown) -> None:
    """Hand mastership over."""
    await _bbs(scene, "POST", action.pod, "/admin/v1/step-down", {"epoch": action.epoch})


async def evacuate(scene: Scene, pod: str) -> None:
    """Begin; asking twice is asking once."""
    await scene.plane.cell("POST", pod, scene.addresses[pod], "/evacuate")


async def cancel_evacuation(scene: Scene, pod: str) -> None:
    """Take work again; refused once drained."""
    await scene.plane.cell("DELETE", pod, scene.addresses[pod], "/evacuation")


async def _bbs(scene: Scene, verb: str, pod: str, path: str, body: dict[str, Any]) -> None:
    await scene.plane.bbs(verb, pod, scene.addresses[pod], path, body)
