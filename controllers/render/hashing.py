"""Digests of what is rendered: equal content, equal digest, in any order of keys."""

import json
from hashlib import sha256
from typing import Any


def digest(content: Any) -> str:
    """Sixteen hexadecimal digits over the canonical JSON of plain data."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]
