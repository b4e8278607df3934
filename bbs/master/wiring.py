"""From a configuration to the parts that are shared by the server, its supervisor and the commands of the CLI."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import structlog

from bbs.configuration import BBSConfiguration
from bbs.configuration.sections import EtcdSection, SQLSection
from bbs.encryption.ciphers import KeyringCipher, PlainCipher
from bbs.encryption.keyring import Keyring, key_labels, load_keyring
from bbs.layouts.contract import Cipher, Layout
from bbs.layouts.registry import layouts
from bbs.logs import Standing, configure
from bbs.master.journal import Journal
from bbs.master.lease import LockTimes
from bbs.migration.attempt import ONLINE
from bbs.migration.decide import Abilities, Identity
from bbs.stores.contract import StoreMisconfigured
from bbs.stores.opening import StoreConfig, TlsFiles
from bbs.stores.roots import NATURAL, TABLES
from bbs.stores.sql_hosts import SQLPlace
from bbs.stores.sql_tls import SQLTrust

_BARE_JSON = 0


def store_config(configuration: BBSConfiguration) -> StoreConfig:
    """Where the records lie, or will once they were moved. Operations end well before the lock's ttl."""
    store, timeout = configuration.store, configuration.lock.ttl / 2
    if store.etcd is not None:
        return _etcd(store.etcd, timeout)
    if store.sqlite is not None:
        return StoreConfig("sqlite", path=store.sqlite.path, timeout=timeout)
    section = store.postgresql or store.mysql
    assert section is not None, "the configuration was not validated"
    return StoreConfig(store.type, place=_place(section), timeout=timeout)


def source_config(configuration: BBSConfiguration) -> StoreConfig | None:
    """Where the records are to be moved from, if they are."""
    source = configuration.store.migrate_from
    return None if source is None else _etcd(source.etcd, configuration.lock.ttl / 2)


def store_configs(configuration: BBSConfiguration) -> tuple[StoreConfig, ...]:
    """All stores that a BBS of this configuration may hold."""
    source = source_config(configuration)
    return (store_config(configuration), *([source] if source else []))


def _etcd(section: EtcdSection, timeout: float) -> StoreConfig:
    tls = section.tls
    files = None if tls is None else TlsFiles(tls.ca_file, tls.cert_file, tls.key_file, tls.server_name)
    return StoreConfig("etcd", tuple(section.endpoints), files, timeout=timeout)


def _place(section: SQLSection) -> SQLPlace:
    tls = section.tls
    trust = None if tls is None else SQLTrust(tls.ca_file, tls.cert_file, tls.key_file, tls.server_name, tls.mode)
    return SQLPlace(
        section.hosts, section.database, section.username_file, section.password_file, trust, section.pool_size
    )


def lock_times(configuration: BBSConfiguration) -> LockTimes:
    """The lock's times."""
    lock = configuration.lock
    return LockTimes(lock.ttl, lock.renew, lock.margin, lock.poll)


def start_logs(configuration: BBSConfiguration, component: str = "bbs") -> tuple[Journal, Standing]:
    """Log in JSON from now on. The journal, and the standing that its lines name."""
    standing = Standing(component, configuration.member)
    configure(configuration.log.level, standing)
    log = structlog.get_logger()

    def journal(event: str, **fields: Any) -> None:
        log.info(event, **fields)

    return journal, standing


class FileKeys:
    """The keyring of a folder, read again when it changes; without a folder, no encryption.

    It is also the cipher that it hands out, so that an activated key is used by everybody at once.
    """

    def __init__(self, directory: Path | None, initial: str | None) -> None:
        """`initial` is the key of a store that has none yet; elsewhere the anchor names the active one, and the file of
        the initial key may be long gone. Raises KeyringError for a keyring that can't be used."""
        self._directory = directory
        self._keyring: Keyring | None = None
        self.missing_initial: str | None = None
        if directory is not None:
            labels = key_labels(directory)
            self.missing_initial = initial if initial is not None and initial not in labels else None
            self._keyring = load_keyring(directory, min(labels, default=None) if self.missing_initial else initial)
        self._plain = PlainCipher()
        self._cipher = self._sealing()

    def cipher(self, layout: Layout) -> Cipher:
        """See Keys. Bare JSON is never encrypted."""
        return self._plain if layout.version == _BARE_JSON else self

    def seal(self, payload: bytes) -> bytes:
        """See Cipher: with the key that is active at this moment, whoever got this cipher when."""
        return self._cipher.seal(payload)

    def open(self, stored: bytes) -> bytes:
        """See Cipher: with the keys that are loaded at this moment."""
        return self._cipher.open(stored)

    def active_label(self) -> str | None:
        """See Keys."""
        return None if self._keyring is None else self._keyring.active

    def loaded(self) -> frozenset[str]:
        """See Keys."""
        return frozenset() if self._keyring is None else frozenset(self._keyring.labels)

    def activate(self, label: str) -> None:
        """See Keys."""
        if self._keyring is not None and self._keyring.active != label:
            self._keyring = self._keyring.activated(label)
            self._cipher = self._sealing()

    def reload(self, in_use: Iterable[str] = ()) -> None:
        """Read the folder again; a key that records still use stays although its file is gone. Raises KeyringError,
        and goes on with the keys there were."""
        if self._directory is not None and self._keyring is not None:
            fresh = load_keyring(self._directory, self._keyring.active).keeping(self._keyring, in_use)
            if fresh.labels != self._keyring.labels:
                self._keyring = fresh
                self._cipher = self._sealing()

    def _sealing(self) -> Cipher:
        return self._plain if self._keyring is None else KeyringCipher(self._keyring)


def abilities(
    configuration: BBSConfiguration, keys: FileKeys, engine: str, known: Mapping[int, Layout] | None = None
) -> Abilities:
    """What this binary and its configuration can do in a store of that engine."""
    known = layouts() if known is None else known
    places = {NATURAL, TABLES} if engine in ("mysql", "postgresql") else {NATURAL}
    return Abilities(
        reads=frozenset(known),
        serves=frozenset(version for version, layout in known.items() if layout.serves),
        natural_roots={v: layout.natural_root for v, layout in known.items() if layout.natural_root in places},
        managed=configuration.target == "managed",
        owner=configuration.owner,
        adopt_always=configuration.adoption_policy == "Always",
        initial_version=configuration.initial_version,
        keys=keys.loaded(),
        missing_initial_key=keys.missing_initial,
        online=configuration.migration.mode == ONLINE,
    )


def read_identity(path: Path | None) -> Identity:
    """What was recorded for this deployment. Raises StoreMisconfigured for a file that says nothing usable."""
    if path is None:
        return Identity()
    try:
        document = json.loads(path.read_text())
        return Identity(document.get("store_id") or None, bool(document.get("adopted")))
    except FileNotFoundError:
        return Identity()
    except (OSError, ValueError, AttributeError) as error:
        message = f"identity_file {path} is not readable: {error}; restore it, or remove it to start over"
        raise StoreMisconfigured(message) from error


def record_identity(path: Path | None, store_id: str) -> None:
    """Remember that a store was adopted; where the file is the operator's (read-only), it records that itself."""
    if path is None:
        return
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(json.dumps({"store_id": store_id, "adopted": True}) + "\n")
        fresh.replace(path)
    except OSError:
        return
