"""The keyring and the Secrets that the spec names for it, as fingerprints: no key leaves this module."""

import json
from collections.abc import Mapping
from typing import Any

from controllers.certificates import fingerprint
from controllers.decide.observation import Keyring, KeySource
from controllers.decide.wanted import WantedKey
from controllers.observe.records import files_of

RETIRED = ".retired"
"""A file of the keyring that is no key, since its name begins with a dot: fingerprints of labels that are gone."""


def keyring_of(secret: Mapping[str, Any]) -> Keyring:
    """Secret N-keyring."""
    files = files_of(secret)
    retired = json.loads(files.get(RETIRED, b"{}"))
    return Keyring({label: fingerprint(key) for label, key in files.items() if not label.startswith(".")}, retired)


def source_of(wanted: WantedKey, secret: Mapping[str, Any] | None) -> KeySource:
    """What one reference of the spec leads to. An empty passphrase is none: the BBS refuses a keyring that has one."""
    if secret is None:
        return KeySource(trouble=f"{wanted.label}: there is no Secret {wanted.secret}")
    files = files_of(secret)
    if wanted.file not in files:
        return KeySource(trouble=f"{wanted.label}: Secret {wanted.secret} has no key {wanted.file}")
    if not files[wanted.file].removesuffix(b"\n"):
        return KeySource(trouble=f"{wanted.label}: {wanted.file} in Secret {wanted.secret} is empty")
    return KeySource(fingerprint(files[wanted.file]))
