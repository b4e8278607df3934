"""What stands in a store, read without claiming it: before, between and after."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Self

from bbs.configuration import BBSConfiguration
from bbs.interchange.lines import summarize
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts, leaves_encryption
from bbs.master.wiring import FileKeys, abilities, store_config
from bbs.migration.decide import Identity, ShutDown, decide, parse_version_record
from bbs.migration.reading import Place, Unread, read_records
from bbs.models.records import Record
from bbs.stores.anchor import GUARD, Anchor, handed_back, key_label_record, version_record
from bbs.stores.contract import Snapshot, Survey
from bbs.stores.opening import open_store
from bbs.stores.roots import TABLES


@dataclass(frozen=True, slots=True)
class Standing:
    """`roots`: every root there is, the live one among them. `sealed`: rows by the key that seals them.

    `sha256` is that of an export, `rows_sha256` that of the live root's rows byte by byte. `wrong`: what the store says
    of itself and is not so, empty when all is true: the version record, the label record, who may serve it.
    """

    layout: int
    root: str
    rows_sha256: str
    count: int
    sha256: str
    sealed: dict[str, int]
    label: str | None
    wrong: str
    roots: tuple[str, ...]
    anchored: bool

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
    keys = FileKeys(configuration.keyring_dir, configuration.initial_key)
    store = open_store(store_config(configuration))
    try:
        async with store.snapshot() as snapshot:
            anchor, survey = await snapshot.anchor(), await snapshot.survey()
            layout, root = _live(anchor, survey)
            rows = [row async for page in snapshot.scan(root) for row in page]
            rows_sha256 = hashlib.sha256(b"".join(repr(tuple(row)).encode() for row in rows)).hexdigest()
            if known is not None and (layout, rows_sha256) == (known.layout, known.rows_sha256):
                count, sha256 = known.count, known.sha256
            else:
                records = await _records(snapshot, layout, root, keys)
                count, sha256 = len(records), summarize(records).sha256
    finally:
        await store.close()
    sealed = _sealed(layout, rows)
    return Standing(
        layout=layout,
        root=root,
        rows_sha256=rows_sha256,
        count=count,
        sha256=sha256,
        sealed=sealed,
        label=None if survey.key_label is None else survey.key_label.decode(),
        wrong="; ".join(_wrong(anchor, survey, root, sealed, decide(anchor, survey, Identity(), _can(configuration)))),
        roots=tuple(sorted(survey.roots)),
        anchored=anchor is not None,
    )


def _live(anchor: Anchor | None, survey: Survey) -> tuple[int, str]:
    """Where the records must lie. While a store is handed back the names may be given before the anchor says so."""
    if anchor is None:
        version = parse_version_record(survey.version_record or b"")
        assert not isinstance(version, str), version
        return version.current, TABLES
    renamed = anchor.moved_to is not None and anchor.live.root not in survey.roots
    return anchor.live.layout, TABLES if renamed else anchor.live.root


def _can(configuration: BBSConfiguration) -> Any:
    return abilities(
        configuration, FileKeys(configuration.keyring_dir, configuration.initial_key), configuration.store.type
    )


def _sealed(version: int, rows: list[Row]) -> dict[str, int]:
    layout = layouts()[version]
    if leaves_encryption(layout):
        return {}
    return dict(sorted(Counter(label for row in rows for label in layout.sealed_with(row)).items()))


def _wrong(anchor: Anchor | None, survey: Survey, root: str, sealed: dict[str, int], decision: object) -> list[str]:
    """What the store says of itself that is not so."""
    found: list[str] = []
    if root not in survey.roots:
        found.append(f"the live root {root} is not there, there are {sorted(survey.roots)}")
    if survey.key_label is not None and sealed and set(sealed) != {survey.key_label.decode()}:
        found.append(f"the label record says {survey.key_label!r}, records bear {sealed}")
    version = parse_version_record(survey.version_record) if survey.version_record else None
    upstreams = version is not None and not isinstance(version, str) and version.current < GUARD
    if upstreams and TABLES in survey.roots and root != TABLES:
        found.append(f"a Go BBS would take the store while its records lie in {root}")
    return found if anchor is None else [*found, *_wrong_beside(anchor, survey, sealed, decision)]


def _wrong_beside(anchor: Anchor, survey: Survey, sealed: dict[str, int], decision: object) -> list[str]:
    found: list[str] = []
    if (survey.version_record, anchor.version.current) != (version_record(anchor), anchor.live.layout):
        found.append(f"the version record says {survey.version_record!r}, the anchor {anchor.version}, {anchor.live}")
    if survey.key_label != key_label_record(anchor):
        found.append(f"the label record says {survey.key_label!r}, the anchor {anchor.key_label}")
    unknown = set(sealed) - {*anchor.keys_in_use, anchor.active_key, anchor.key_label or ""}
    if unknown:
        found.append(f"records bear {sorted(unknown)}, the anchor names {anchor.keys_in_use}")
    if anchor.moved_to is not None and not isinstance(decision, ShutDown):
        found.append(f"a member would do {decision} with a store that was given away")
    if handed_back(anchor) and sealed and anchor.key_label is None:
        found.append("handed back without a label record")
    return found


async def _records(snapshot: Snapshot, version: int, root: str, keys: FileKeys) -> list[Record]:
    layout = layouts()[version]
    records: list[Record] = []
    async for page in read_records(snapshot, Place(layout, root, keys.cipher(layout))):
        for found in page:
            assert not isinstance(found, Unread), f"{found.name}: {found.reason}"
            records.append(found)
    return records
