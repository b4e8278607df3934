"""The Diego resource: what a user declares, and what the operator reports of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict, Field

from .cells import Cells
from .encryption import Encryption
from .images import Images
from .migration import Migration
from .scalars import DataVersion, Version
from .shape import Declared, Reported, rule, ruled
from .status import DiegoStatus
from .store import Store
from .tls import TLS
from .upgrade import Upgrade
from .workload import BBS, Auctioneer, CCBridge, Locket, RouteEmitter

GROUP = "diego-operator.io"
VERSION = "v1alpha1"
KIND = "Diego"
PLURAL = "diegos"
LONGEST_NAME = 24


class DeletionPolicy(StrEnum):
    """Retain: volumes, generated keys, authorities and identity outlive the resource. Delete: they go with it."""

    RETAIN = "Retain"
    DELETE = "Delete"


_ONE_SQLITE_WRITER = rule(
    "self.store.type != 'SQLite' || self.bbs.replicas == 1",
    "bbs.replicas must be 1 when store.type is SQLite: the file lies on one volume; lower it or choose another store",
)


class DiegoSpec(Declared):
    """What is wanted. Without targetDataVersion: the newest data version that `version` serves."""

    model_config = ConfigDict(json_schema_extra=ruled(_ONE_SQLITE_WRITER))

    version: Version
    """Release of the Diego programs, and the tag of their images."""
    target_data_version: DataVersion | None = None
    """Version of the stored data; also what an empty store starts with. Absent: the newest that `version` serves."""
    images: Images = Images()
    """Where the images come from."""
    store: Store
    """Where records are kept."""
    encryption: Encryption | None = None
    """Encryption at rest. Absent: the operator generates a key."""
    tls: TLS = TLS()
    """Certificates of all components."""
    migration: Migration = Migration()
    """How the stored data is brought to another version."""
    bbs: BBS = BBS()
    """The bulletin board system."""
    locket: Locket = Locket()
    """Locks and presence of cells."""
    auctioneer: Auctioneer = Auctioneer()
    """Places instances on cells."""
    route_emitter: RouteEmitter = RouteEmitter()
    """Tells the router where instances listen."""
    cc_bridge: CCBridge | None = None
    """Between Cloud Controller and the BBS. Absent: not deployed."""
    cells: Cells = Cells()
    """Pools of cells and their rollout."""
    upgrade: Upgrade = Upgrade()
    """Whether and how a roll starts, and what it is measured against."""
    paused: bool = False
    """Stops every roll where it is; repairs, certificates and status go on."""
    deletion_policy: DeletionPolicy = DeletionPolicy.RETAIN
    """What becomes of volumes, generated keys, authorities and identity when the Diego is deleted."""


class Metadata(Reported):
    """What the operator reads of an object's metadata."""

    name: str
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    labels: Mapping[str, str] = Field(default_factory=dict)
    annotations: Mapping[str, str] = Field(default_factory=dict)
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None


_SHORT_NAME = rule(
    f"self.metadata.name.size() <= {LONGEST_NAME}",
    f"metadata.name must have at most {LONGEST_NAME} characters, as pods are named after it; choose a shorter name",
)
_HOST_NAME = rule(
    "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    "metadata.name must be a host name (a letter, then letters, digits and hyphens), as Services are named after it; "
    "choose such a name",
)


class Diego(Reported):
    """One Diego deployment as the API server gives it."""

    model_config = ConfigDict(json_schema_extra=ruled(_SHORT_NAME, _HOST_NAME))

    API_VERSION: ClassVar[str] = f"{GROUP}/{VERSION}"

    metadata: Metadata
    spec: DiegoSpec
    status: DiegoStatus = DiegoStatus()

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Diego:
        """Reads an object of the API server; raises pydantic's ValidationError naming each wrong field."""
        return cls.model_validate(body)
