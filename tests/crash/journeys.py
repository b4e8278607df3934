"""The migrations that are cut off, and what stands in a store before, between and after."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from bbs.configuration import BBSConfiguration
from bbs.configuration.sections import StoreSection
from bbs.interchange.lines import summarize
from bbs.layouts.registry import layouts
from bbs.master.wiring import FileKeys, store_config
from bbs.migration.reading import Place, Unread, read_records
from bbs.models.records import Record
from bbs.stores.anchor import Anchor, version_record
from bbs.stores.contract import Snapshot
from bbs.stores.opening import open_store
from tests.engines.certificates import Authority

VICTIM_LOCK = {"ttl": "1s", "renew": "200ms", "margin": "200ms", "poll": "50ms"}
"""A dead holder is believed dead after this ttl, so a point that waits it out is quick."""
RELATIONAL_VICTIM_LOCK = {"ttl": "4s", "renew": "400ms", "margin": "400ms", "poll": "50ms"}
"""The same on a server whose limits count in whole seconds, and that is dialled anew for each snapshot."""
PATIENT_LOCK = {"ttl": "20s", "renew": "1s", "margin": "1s", "poll": "50ms"}
"""Of processes that nobody waits out: on a busy machine their calls may take long."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A migration. `keyring`: records are sealed wherever the layout can."""

    source: int
    target: int
    keyring: bool

    @property
    def name(self) -> str:
        """`0->4000000001`."""
        return f"{self.source}->{self.target}"


JOURNEYS = {
    "up": Journey(0, 4000000001, keyring=True),
    "down": Journey(4000000001, 1451635200, keyring=False),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that makes a configuration, but for the member's name and its lock's times."""

    store: StoreSection
    authority: Authority
    keyring_dir: Path | None

    def configuration(self, member: str, lock: dict[str, str]) -> BBSConfiguration:
        """A BBS's whole configuration; superseded roots are dropped, so that clean-up has crash points too."""
        cert_file, key_file = self.authority.folder / "client.crt", self.authority.folder / "client.key"
        document: dict[str, Any] = {
            "member": member,
            "target": "managed",
            "tls": {"ca_file": self.authority.ca_file, "cert_file": cert_file, "key_file": key_file},
            "store": self.store,
            "lock": lock,
            "keyring_dir": self.keyring_dir,
            "migration": {"keep_old_roots": 0},
        }
        return BBSConfiguration.model_validate(document)


def make_keyring(folder: Path) -> Path:
    """A keyring of one key."""
    folder.mkdir(parents=True)
    (folder / "crash-1").write_text("correct horse battery staple\n")
    return folder


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in a store, read without claiming it. `roots`: every root there is, the live one among them.

    `sha256` is that of an export, `rows_sha256` that of the live root's rows byte by byte. `version_true`: the version
    record and the anchor's version are those of the live root.
    """

    layout: int
    root: str
    rows_sha256: str
    count: int
    sha256: str
    version_true: bool
    roots: tuple[str, ...]

    def text(self) -> str:
        """One line for a pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of `text()`."""
        document = json.loads(text)
        return cls(**document | {"roots": tuple(document["roots"])})


async def standing(configuration: BBSConfiguration, known: Standing | None = None) -> Standing:
    """Read the live root whole: count and digest of its export. Fails at a record that can't be read.

    Rows that are byte by byte those of `known` are not decoded again.
    """
    store = open_store(store_config(configuration))
    try:
        async with store.snapshot() as snapshot:
            anchor = await snapshot.anchor()
            assert anchor is not None
            rows = await _rows_sha256(snapshot, anchor.live.root)
            if known is not None and rows == known.rows_sha256:
                count, sha256 = known.count, known.sha256
            else:
                records = await _records(snapshot, anchor, FileKeys(configuration.keyring_dir, None))
                count, sha256 = len(records), summarize(records).sha256
            survey = await snapshot.survey()
    finally:
        await store.close()
    return Standing(
        layout=anchor.live.layout,
        root=anchor.live.root,
        rows_sha256=rows,
        count=count,
        sha256=sha256,
        version_true=(survey.version_record, anchor.version.current) == (version_record(anchor), anchor.live.layout),
        roots=tuple(sorted(survey.roots)),
    )


async def _rows_sha256(snapshot: Snapshot, root: str) -> str:
    digest = hashlib.sha256()
    async for page in snapshot.scan(root):
        for row in page:
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


async def _records(snapshot: Snapshot, anchor: Anchor, keys: FileKeys) -> list[Record]:
    layout = layouts()[anchor.live.layout]
    records: list[Record] = []
    async for page in read_records(snapshot, Place(layout, anchor.live.root, keys.cipher(layout))):
        for found in page:
            assert not isinstance(found, Unread), f"{found.name}: {found.reason}"
            records.append(found)
    return records
