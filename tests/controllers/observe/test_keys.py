"""Keys are seen as fingerprints, and a reference that leads nowhere says where it leads."""

import base64
import json
from typing import Any

import pytest

from controllers.certificates import fingerprint
from controllers.decide.wanted import WantedKey
from controllers.observe.keys import keyring_of, source_of

WANTED = WantedKey("key-1", "diego-keys", "2026-11")


def secret(**files: bytes) -> dict[str, Any]:
    return {"data": {name.replace("_", "-"): base64.b64encode(content).decode() for name, content in files.items()}}


def test_a_passphrase_is_the_same_with_and_without_its_newline() -> None:
    assert source_of(WANTED, {"data": secret(x=b"secret\n")["data"] | {"2026-11": "c2VjcmV0Cg=="}}).fingerprint == (
        fingerprint(b"secret")
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "there is no Secret diego-keys"),
        ({}, "Secret diego-keys has no key 2026-11"),
        ({"data": {"2026-11": ""}}, "2026-11 in Secret diego-keys is empty"),
        ({"data": {"2026-11": "Cg=="}}, "2026-11 in Secret diego-keys is empty"),
    ],
)
def test_a_reference_that_leads_nowhere_says_where(found: dict[str, Any] | None, words: str) -> None:
    source = source_of(WANTED, found)
    assert (source.fingerprint, source.trouble) == ("", f"key-1: {words}")


def test_retired_labels_are_no_keys() -> None:
    noted = json.dumps({"key-0": fingerprint(b"gone")}).encode()
    data = {".retired": base64.b64encode(noted).decode(), **secret(key_1=b"here")["data"]}
    keyring = keyring_of({"data": data})
    assert (set(keyring.held), set(keyring.retired)) == ({"key-1"}, {"key-0"})


def test_nothing_that_is_observed_holds_a_passphrase() -> None:
    found = secret(key_1=b"correct-horse")
    assert "correct-horse" not in repr(keyring_of(found)) + repr(source_of(WANTED, found))
