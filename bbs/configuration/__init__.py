"""What a BBS can be told: one YAML file, validated once at start; every key is in docs/reference/configuration.md."""

from bbs.configuration.bbs import BBSConfiguration
from bbs.configuration.loading import ConfigurationError, load, parse
from bbs.configuration.sections import (
    ClientFiles,
    EtcdSection,
    LockSection,
    LogSection,
    MigrationSection,
    Section,
    SourceSection,
    SQLiteSection,
    SQLSection,
    StoreSection,
)

__all__ = [
    "BBSConfiguration",
    "ClientFiles",
    "ConfigurationError",
    "EtcdSection",
    "LockSection",
    "LogSection",
    "MigrationSection",
    "SQLSection",
    "SQLiteSection",
    "Section",
    "SourceSection",
    "StoreSection",
    "load",
    "parse",
]
