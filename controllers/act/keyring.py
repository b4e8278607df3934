"""Writing the keyring: keys come in and go, and what a label means never changes.

Whoever acts reads the Secrets again, and writes under the resourceVersion of the keyring that was read: the labels were
decided on an older look.
"""

import json
from collections.abc import Mapping

from controllers.act.scene import Scene
from controllers.act.workloads import Moved
from controllers.certificates import fingerprint, new_passphrase
from controllers.cluster import Body
from controllers.decide.actions import CopyKeys, GenerateKey, RetireKeys
from controllers.decide.observation import Keyring
from controllers.observe.keys import RETIRED, keyring_of, source_of
from controllers.observe.records import files_of
from controllers.render.records import encoded, keyring_secret


async def generate_key(scene: Scene, action: GenerateKey) -> None:
    """A fresh passphrase."""
    await _add(scene, await _read(scene), {action.label: new_passphrase().encode()})


async def copy_keys(scene: Scene, action: CopyKeys) -> None:
    """The passphrases that the spec's Secrets hold now. Raises Moved when one is gone or the label meant another."""
    keys = {}
    for one in scene.wanted.keys:
        if one.label in action.labels:
            secret = await scene.cluster.get("Secret", scene.names.namespace, one.secret)
            if trouble := source_of(one, secret).trouble:
                raise Moved(trouble)
            keys[one.label] = files_of(secret or {})[one.file]
    await _add(scene, await _read(scene), keys)


async def retire_keys(scene: Scene, action: RetireKeys) -> None:
    """Takes labels out, and notes what they meant."""
    found = await _read(scene)
    if found is None:
        raise Moved("there is no keyring")
    keyring = keyring_of(found)
    gone = {label: mark for label, mark in keyring.held.items() if label in action.labels}
    noted = json.dumps({**keyring.retired, **gone}, sort_keys=True).encode()
    await _patch(scene, found, {**encoded({RETIRED: noted}), **dict.fromkeys(gone)})


async def _add(scene: Scene, found: Body | None, keys: Mapping[str, bytes]) -> None:
    known = keyring_of(found) if found else Keyring()
    for label, key in keys.items():
        if {**known.retired, **known.held}.get(label, fingerprint(key)) != fingerprint(key):
            raise Moved(f"{label} stands for another key already")
    if found is None:
        await scene.cluster.create("Secret", scene.names.namespace, keyring_secret(scene.diego, scene.names, keys))
    else:
        await _patch(scene, found, dict(encoded(keys)))


async def _read(scene: Scene) -> Body | None:
    return await scene.cluster.get("Secret", scene.names.namespace, scene.names.keyring)


async def _patch(scene: Scene, found: Body, data: Mapping[str, str | None]) -> None:
    """CallFailed 409 when the keyring is not the one that was read; the next pass decides anew."""
    patch = {"metadata": {"resourceVersion": found["metadata"]["resourceVersion"]}, "data": dict(data)}
    await scene.cluster.merge("Secret", scene.names.namespace, scene.names.keyring, patch)
