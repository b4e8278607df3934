"""How a payload becomes a stored value and back: encoding, envelope, encrypted frame and the keyring."""

from bbs.encryption.ciphers import KeyringCipher, PlainCipher, key_label
from bbs.encryption.envelope import PROTOBUF_ENVELOPE, Form, Payload, unwrap
from bbs.encryption.keyring import (
    DuplicateLabel,
    Keyring,
    KeyringError,
    MalformedKey,
    NoKeys,
    UnknownActiveKey,
    load_keyring,
)

__all__ = [
    "PROTOBUF_ENVELOPE",
    "DuplicateLabel",
    "Form",
    "Keyring",
    "KeyringCipher",
    "KeyringError",
    "MalformedKey",
    "NoKeys",
    "Payload",
    "PlainCipher",
    "UnknownActiveKey",
    "key_label",
    "load_keyring",
    "unwrap",
]
