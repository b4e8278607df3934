"""What a BBS is told of the Locket beside it."""

from __future__ import annotations

from typing import Any

from tests.components.certificates import Trust
from tests.components.test_locket import Locket


def told_of(locket: Locket, trust: Trust) -> dict[str, Any]:
    """The keys of a configuration."""
    files = trust.leaf("bbs")
    return {
        "locket_address": str(locket.address),
        "locket_ca_cert_file": str(files.ca_file),
        "locket_client_cert_file": str(files.cert_file),
        "locket_client_key_file": str(files.key_file),
    }
