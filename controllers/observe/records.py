"""Identity, certificates and plain objects: read by GET, by name; Secrets are never listed or watched."""

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from controllers.certificates import not_after
from controllers.decide.observation import Certificate, Identity, Served
from controllers.render.names import INPUTS_HASH

Body = Mapping[str, Any]


def files_of(secret: Body) -> dict[str, bytes]:
    """The decoded data of a Secret."""
    return {name: base64.b64decode(text) for name, text in secret.get("data", {}).items()}


def certificate_of(secret: Body) -> Certificate | None:
    """None when it holds no usable certificate: it is then made anew."""
    files = files_of(secret)
    try:
        ends = not_after(files["tls.crt"]).timestamp()
    except (KeyError, ValueError):
        return None
    annotations = secret["metadata"].get("annotations", {})
    return Certificate(ends, annotations.get(INPUTS_HASH, ""), sha256(files.get("ca.crt", b"")).hexdigest()[:16])


def identity_of(config_map: Body) -> Identity | None:
    """None when the store id can't be read: whoever writes a new one must not overwrite it by mistake."""
    data = config_map.get("data", {})
    if "identity.json" not in data:
        return None
    said = json.loads(data["identity.json"])
    served = json.loads(data.get("served.json", "{}"))
    return Identity(
        store_id=said["store_id"],
        adopted=bool(said["adopted"]),
        served={v: Served(tuple(one["reads"]), tuple(one["serves"])) for v, one in served.items()},
        last_served=data.get("last_served", ""),
        store=data.get("store", ""),
        migrated_from=data.get("migrated_from", ""),
    )


def digest_of(body: Body) -> str:
    """The digest of what was rendered when the object was written."""
    return str(body["metadata"].get("annotations", {}).get(INPUTS_HASH, ""))
