"""Older forms of definitions: what clients of revision 2 read. Conversions apply to a copy, never to a record.

Image layers are younger than revision 2: shared ones become cached dependencies, exclusive ones downloads that run
before everything else. Texts are copied as bytes, for they need not be UTF-8. Source: docs/reference/wire.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from bbs.wire import index_pb2 as raw
from bbs.wire.container_pb2 import (
    Action,
    DownloadAction,
    ImageLayer,
    ParallelAction,
    SerialAction,
)
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import TaskDefinition

_ALGORITHMS: dict[int, bytes] = {ImageLayer.SHA256: b"sha256", ImageLayer.SHA512: b"sha512"}


def desired_lrp_r2(lrp: DesiredLRP) -> None:
    """Rewrites `lrp` in place; exclusive layers are downloaded by `setup`."""
    downloads = _without_layers(lrp)
    if downloads:
        lrp.setup = _first(downloads, lrp.setup if lrp.HasField("setup") else None)


def task_definition_r2(definition: TaskDefinition) -> None:
    """Rewrites `definition` in place; exclusive layers are downloaded by `action`."""
    downloads = _without_layers(definition)
    if downloads:
        definition.action = _first(downloads, definition.action if definition.HasField("action") else None)


def _without_layers(definition: DesiredLRP | TaskDefinition) -> list[bytes]:
    """Turns the layers into dependencies, shared ones first; the downloads that exclusive ones become."""
    layers = [raw.ImageLayer.FromString(layer.SerializeToString()) for layer in definition.image_layers]
    if not layers:
        return []
    own = list(definition.cached_dependencies)
    definition.ClearField("image_layers")
    definition.ClearField("cached_dependencies")
    for layer in layers:
        if layer.layer_type == ImageLayer.SHARED:
            definition.cached_dependencies.add().MergeFromString(_dependency(layer))
    definition.cached_dependencies.extend(own)
    user = definition.legacy_download_user
    exclusive = (layer for layer in layers if layer.layer_type == ImageLayer.EXCLUSIVE)
    return [_download(layer, user if isinstance(user, bytes) else user.encode()) for layer in exclusive]


def _first(downloads: Iterable[bytes], then: bytes | None) -> bytes:
    parallel = Action(parallel_action=ParallelAction(actions=downloads)).SerializeToString()
    if then is None:
        return parallel
    return Action(serial_action=SerialAction(actions=[parallel, then])).SerializeToString()


def _dependency(layer: raw.ImageLayer) -> bytes:
    return raw.CachedDependency(
        name=layer.name,
        source=layer.url,
        destination=layer.destination_path,
        cache_key=_cache_key(layer),
        checksum_algorithm=_ALGORITHMS.get(layer.digest_algorithm, b""),
        checksum_value=layer.digest_value,
    ).SerializeToString()


def _download(layer: raw.ImageLayer, user: bytes) -> bytes:
    download = raw.DownloadAction(
        artifact=layer.name,
        source=layer.url,
        destination=layer.destination_path,
        cache_key=_cache_key(layer),
        user=user,
        checksum_algorithm=_ALGORITHMS.get(layer.digest_algorithm, b""),
        checksum_value=layer.digest_value,
    )
    return Action(download_action=DownloadAction.FromString(download.SerializeToString())).SerializeToString()


def _cache_key(layer: raw.ImageLayer) -> bytes:
    """`<algorithm>:<digest>`, or the URL of a layer without digest."""
    if not layer.digest_value:
        return layer.url
    return _ALGORITHMS.get(layer.digest_algorithm, b"") + b":" + layer.digest_value
