"""The bytes of docs/reference/encryption.md, which the original Go code accepts."""

from __future__ import annotations

import pytest

from bbs.encryption import Form, Keyring, KeyringCipher, Payload, PlainCipher, key_label, unwrap

RUN_INFO = bytes.fromhex("0a0e0a0470672d31120264311a026c67380140059801e0d403")
ENVELOPED = b"\x02\x00" + RUN_INFO
KEYRING = Keyring({"key-2015-09": "my september passphrase"})
ENCRYPTED = b"02C2tleS0yMDE1LTA5AAECAwQFBgcICQoLBgdZHCrU1CcX3xoznM8WZqBDdPC3MawUR5K43RPs17pYFpbTmla4oLxLxA=="
ROUTES = b'{"cf-router":[{"hostnames":["a.example"],"port":8080}]}'
ENCRYPTED_ROUTES = (
    b"02C2tleS0yMDE1LTA5DA0ODxAREhMUFRYXVqryfOBM5BgSENsqi5sijU2ytaECPZnz1P1V+l32BWATrJpnxRyKCz95zW17lDGOOu7qjOR4n4XK84/"
    b"JrTMerzYIVnJj2XE="
)
ENCRYPTED_EMPTY_NET_INFO = b"02C2tleS0yMDE1LTA5AAAAAAAAAAAAAAAAqHSUj7qujRWrx0aQQ5V2Iaod"


def cipher_with_nonce(nonce: bytes) -> KeyringCipher:
    return KeyringCipher(KEYRING, lambda count: nonce + bytes(count - len(nonce)))


@pytest.mark.parametrize(
    ("nonce", "plain", "stored"),
    [
        (bytes(range(12)), ENVELOPED, ENCRYPTED),
        (bytes(range(12, 24)), ROUTES, ENCRYPTED_ROUTES),
        (bytes(12), b"\x02\x00", ENCRYPTED_EMPTY_NET_INFO),
    ],
)
def test_an_encrypted_value_has_the_bytes_of_the_go_server(nonce: bytes, plain: bytes, stored: bytes) -> None:
    assert cipher_with_nonce(nonce).seal(plain) == stored


@pytest.mark.parametrize(
    ("stored", "plain"),
    [(ENCRYPTED, ENVELOPED), (ENCRYPTED_ROUTES, ROUTES), (ENCRYPTED_EMPTY_NET_INFO, b"\x02\x00")],
)
def test_an_encrypted_value_of_the_go_server_opens(stored: bytes, plain: bytes) -> None:
    assert KeyringCipher(KEYRING).open(stored) == plain


def test_a_value_without_keyring_is_base64_with_its_digits() -> None:
    assert PlainCipher().seal(ENVELOPED) == b"01AgAKDgoEcGctMRICZDEaAmxnOAFABZgB4NQD"


@pytest.mark.parametrize("cipher", [PlainCipher(), KeyringCipher(KEYRING)])
@pytest.mark.parametrize(
    ("stored", "payload"),
    [
        (b'{"process_guid":"pg-1"}', Payload(Form.JSON, b'{"process_guid":"pg-1"}')),
        (b'00\x01\x00{"process_guid":"pg-1"}', Payload(Form.JSON, b'{"process_guid":"pg-1"}')),
        (b"01AgAKDgoEcGctMRICZDEaAmxnOAFABZgB4NQD", Payload(Form.PROTOBUF, RUN_INFO)),
        (b"", Payload(Form.JSON, b"")),
    ],
)
def test_every_older_encoding_is_read(cipher: PlainCipher | KeyringCipher, stored: bytes, payload: Payload) -> None:
    assert unwrap(cipher.open(stored)) == payload


def test_the_label_of_a_stored_value_is_known_without_its_key() -> None:
    assert key_label(ENCRYPTED) == "key-2015-09"
    assert key_label(b"01AgAK") is None
