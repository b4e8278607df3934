"""Which keyrings are accepted, and that none of them shows a passphrase."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbs.encryption import (
    DuplicateLabel,
    Keyring,
    KeyringCipher,
    KeyringError,
    MalformedKey,
    NoKeys,
    UnknownActiveKey,
    load_keyring,
)


def test_a_folder_gives_one_key_per_file_without_its_last_newline(tmp_path: Path) -> None:
    (tmp_path / "key1").write_text("a secure passphrase\n")
    (tmp_path / "key2").write_text("another\n\n")
    (tmp_path / "..data").mkdir()
    (tmp_path / ".hidden").write_text("not a key")
    loaded = load_keyring(tmp_path, active="key2")
    same = Keyring({"key1": "a secure passphrase", "key2": "another\n"}, active="key2")
    assert loaded.labels == ("key1", "key2")
    assert KeyringCipher(same).open(KeyringCipher(loaded).seal(b"x")) == b"x"


def test_loading_again_sees_a_key_that_was_added(tmp_path: Path) -> None:
    (tmp_path / "key1").write_text("one")
    assert load_keyring(tmp_path).labels == ("key1",)
    (tmp_path / "key2").write_text("two")
    assert load_keyring(tmp_path, active="key1").labels == ("key1", "key2")


def test_a_single_key_is_the_active_one() -> None:
    assert Keyring({"key1": "p"}).active == "key1"


@pytest.mark.parametrize(
    ("passphrases", "active", "error"),
    [
        ([], None, NoKeys),
        ([("key1", "p"), ("key1", "q")], "key1", DuplicateLabel),
        ([("key1", "p"), ("key2", "q")], None, UnknownActiveKey),
        ([("key1", "p")], "key2", UnknownActiveKey),
        ([("", "p")], "", MalformedKey),
        ([("k" * 128, "p")], None, MalformedKey),
        ([("ü" * 64, "p")], None, MalformedKey),
        ([("key1", "")], None, MalformedKey),
    ],
)
def test_a_keyring_that_could_not_work_is_refused(
    passphrases: list[tuple[str, str]], active: str | None, error: type[KeyringError]
) -> None:
    with pytest.raises(error):
        Keyring(passphrases, active)


def test_a_label_of_127_bytes_is_the_longest() -> None:
    cipher = KeyringCipher(Keyring({"k" * 127: "p"}))
    assert cipher.open(cipher.seal(b"x")) == b"x"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoKeys, match="absent"):
        load_keyring(tmp_path / "absent")


def test_neither_repr_nor_error_holds_a_passphrase() -> None:
    keyring = Keyring({"key1": "s3cret-words", "key2": "s3cret-words"}, active="key1")
    with pytest.raises(UnknownActiveKey) as refused:
        keyring.activated("key3")
    assert "s3cret" not in repr(keyring) + str(refused.value)
