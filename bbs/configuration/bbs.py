"""The whole configuration of a BBS."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Literal

from pydantic import Field

from bbs.configuration.sections import (
    ClientFiles,
    LockSection,
    LogSection,
    MigrationSection,
    Section,
    StoreSection,
)
from bbs.configuration.values import Address, ExistingFile, ExistingFolder, Listen, Seconds

MIB = 1024 * 1024


class BBSConfiguration(Section):
    """Keys of our own first, then those that the upstream BBS has too, by its names."""

    listen_address: Listen = Address("0.0.0.0", 8889)
    health_address: Listen = Address("127.0.0.1", 8890)
    advertise_url: str = "https://{member}:8889"
    member: str = Field(default_factory=socket.gethostname, min_length=1)
    owner: str = Field(default="standalone", min_length=1)
    adoption_policy: Literal["IfUnowned", "Always"] = "IfUnowned"
    target: Literal["managed", "newest"] = "newest"
    initial_version: int | None = Field(default=None, ge=0)
    identity_file: Path | None = None
    tls: ClientFiles
    admin_common_names: tuple[str, ...] = ("diego-operator",)
    converger_common_names: tuple[str, ...] = ("converger",)
    keyring_dir: ExistingFolder | None = None
    initial_key: str | None = None
    store: StoreSection
    lock: LockSection = LockSection()
    locket_address: str | None = None
    auctioneer_address: str | None = None
    migration: MigrationSection = MigrationSection()
    log: LogSection = LogSection()
    max_request_bytes: int = Field(default=64 * MIB, ge=1024)

    converge_repeat_interval: Seconds = 30.0
    kick_task_duration: Seconds = 30.0
    expire_pending_task_duration: Seconds = 1800.0
    expire_completed_task_duration: Seconds = 120.0
    max_task_retries: int = Field(default=3, ge=0)
    communication_timeout: Seconds = 10.0
    locket_ca_cert_file: ExistingFile | None = None
    locket_client_cert_file: ExistingFile | None = None
    locket_client_key_file: ExistingFile | None = None
    auctioneer_ca_cert: ExistingFile | None = None
    auctioneer_client_cert: ExistingFile | None = None
    auctioneer_client_key: ExistingFile | None = None
    rep_ca_cert: ExistingFile | None = None
    rep_client_cert: ExistingFile | None = None
    rep_client_key: ExistingFile | None = None

    @property
    def url(self) -> str:
        """Where clients and standbys reach this member."""
        return self.advertise_url.replace("{member}", self.member)

    @property
    def locket_tls(self) -> ClientFiles:
        """Files for Locket; the BBS's own where none are named."""
        return self._files(self.locket_ca_cert_file, self.locket_client_cert_file, self.locket_client_key_file)

    @property
    def auctioneer_tls(self) -> ClientFiles:
        """Files for the auctioneer; likewise."""
        return self._files(self.auctioneer_ca_cert, self.auctioneer_client_cert, self.auctioneer_client_key)

    @property
    def rep_tls(self) -> ClientFiles:
        """Files for cells; likewise."""
        return self._files(self.rep_ca_cert, self.rep_client_cert, self.rep_client_key)

    def _files(self, ca: Path | None, cert: Path | None, key: Path | None) -> ClientFiles:
        own = self.tls
        return ClientFiles.model_construct(
            ca_file=ca or own.ca_file, cert_file=cert or own.cert_file, key_file=key or own.key_file
        )
