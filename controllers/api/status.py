"""What the operator reports of a Diego. Every part is optional: what is not known is left out, never guessed.

Lists are bounded so that a status of 250 cells stays below 16 KB; the writer names the first ones and counts the rest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from .conditions import Condition, ConditionType
from .progress import MigrationStatus, RollStatus, UpgradeReport
from .scalars import LongText, ShortText
from .shape import Reported, keyed

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
StoredVersion = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]


class VersionStatus(Reported):
    """Releases: `current` is the oldest that still runs, `target` the wanted one."""

    current: ShortText | None = None
    target: ShortText | None = None


class Supported(Reported):
    """Data versions that the running master reads and serves."""

    min: StoredVersion
    max: StoredVersion


class DataVersionStatus(Reported):
    """Data versions: stored now, being migrated to, wanted by the spec."""

    current: StoredVersion | None = None
    target: StoredVersion | None = None
    wanted: StoredVersion | None = None
    supported: Supported | None = None


class StoreStatus(Reported):
    """The store in use: its engine, identity and owner (`namespace/name`)."""

    type: ShortText | None = None
    id: ShortText | None = None
    owner: ShortText | None = None
    migrated_from: ShortText | None = None


class KeyStatus(Reported):
    """One encryption key and how many records still use it."""

    name: ShortText
    state: ShortText | None = None
    records: Count | None = None


class EncryptionStatus(Reported):
    """Keys: wanted, stored, and how many BBS members have loaded the wanted one."""

    active_key: ShortText | None = None
    stored_key: ShortText | None = None
    distributed: Count | None = None
    keys: Annotated[tuple[KeyStatus, ...], Field(max_length=32, json_schema_extra=keyed("name"))] = ()


class MasterStatus(Reported):
    """The member that serves, the epoch it was elected in, and since when."""

    name: ShortText
    epoch: Count | None = None
    since: datetime | None = None


class MemberStatus(Reported):
    """One BBS member as it describes itself."""

    name: ShortText
    role: ShortText | None = None
    state: ShortText | None = None
    version: ShortText | None = None
    restarts: Count | None = None
    message: LongText | None = None


class BBSStatus(Reported):
    """The BBS tier; `ready` is the text of the printer column, as in `3/3`."""

    replicas: Count | None = None
    ready_replicas: Count | None = None
    updated_replicas: Count | None = None
    ready: ShortText | None = None
    master: MasterStatus | None = None
    members: Annotated[tuple[MemberStatus, ...], Field(max_length=7, json_schema_extra=keyed("name"))] = ()


class PoolStatus(Reported):
    """One pool of cells."""

    name: ShortText
    replicas: Count | None = None
    updated_replicas: Count | None = None


class RollingCell(Reported):
    """A cell that is away or about to be."""

    name: ShortText
    state: ShortText | None = None
    remaining: Count | None = None
    since: datetime | None = None


class CellsStatus(Reported):
    """All cells; `updated` is the text of the printer column, as in `1/3`."""

    replicas: Count | None = None
    ready_replicas: Count | None = None
    updated_replicas: Count | None = None
    evacuating: Count | None = None
    updated: ShortText | None = None
    pools: Annotated[tuple[PoolStatus, ...], Field(max_length=32, json_schema_extra=keyed("name"))] = ()
    rolling: Annotated[tuple[RollingCell, ...], Field(max_length=16, json_schema_extra=keyed("name"))] = ()


class ComponentStatus(Reported):
    """Any other tier."""

    name: ShortText
    replicas: Count | None = None
    ready_replicas: Count | None = None
    updated_replicas: Count | None = None
    version: ShortText | None = None


class ResolvedImage(Reported):
    """The image that a component runs."""

    component: ShortText
    image: Annotated[str, Field(max_length=512)]


class Resolved(Reported):
    """What the spec came to: the hash of all inputs, and the images."""

    inputs_hash: ShortText | None = None
    images: Annotated[tuple[ResolvedImage, ...], Field(max_length=7, json_schema_extra=keyed("component"))] = ()


class DiegoStatus(Reported):
    """The whole status."""

    observed_generation: Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})] | None = None
    conditions: Annotated[tuple[Condition, ...], Field(max_length=32, json_schema_extra=keyed("type"))] = ()
    version: VersionStatus | None = None
    data_version: DataVersionStatus | None = None
    migration: MigrationStatus | None = None
    store: StoreStatus | None = None
    encryption: EncryptionStatus | None = None
    bbs: BBSStatus | None = None
    cells: CellsStatus | None = None
    components: Annotated[tuple[ComponentStatus, ...], Field(max_length=7, json_schema_extra=keyed("name"))] = ()
    roll: RollStatus | None = None
    upgrade_report: UpgradeReport | None = None
    resolved: Resolved | None = None

    def condition(self, kind: ConditionType) -> Condition | None:
        """The condition of that type, if it was ever set."""
        return next((one for one in self.conditions if one.type == kind), None)
