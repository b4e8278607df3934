"""What a cell can be told."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from components.configuration import Duration, LogSection, Section
from components.http.tls import TLSFiles


class Capacity(Section):
    """What the cell offers: megabytes and a number of containers."""

    memory_mb: int = Field(default=1024, ge=0)
    disk_mb: int = Field(default=4096, ge=0)
    containers: int = Field(default=50, ge=0)


class RepConfiguration(Section):
    """The whole file. `runtime`: inside = this process runs the apps, outside = another one serves `runtime_socket`.

    `bbs_members_address`: a host name that has an address as long as a member of the BBS is left.
    """

    cell_id: str = Field(default_factory=socket.gethostname)
    cell_index: int = 0
    zone: str = "z1"
    listen_address: str = "0.0.0.0:1801"
    health_address: str = "0.0.0.0:1802"
    admin_address: str = "127.0.0.1:1800"
    advertise_url: str
    capacity: Capacity = Capacity()
    placement_tags: tuple[str, ...] = ()
    optional_placement_tags: tuple[str, ...] = ()
    rootfs_providers: tuple[str, ...] = ("preloaded:cflinuxfs4",)
    bbs_address: str
    bbs_members_address: str = ""
    locket_address: str
    tls: TLSFiles
    communication_timeout: Duration = 10.0
    presence_ttl: Duration = 15.0
    presence_renewal: Duration = 5.0
    polling_interval: Duration = 30.0
    evacuation_polling_interval: Duration = 10.0
    evacuation_gate_timeout: Duration = 60.0
    evacuation_watch: Duration = 120.0
    evacuation_timeout: Duration = 600.0
    evacuation_patience: Duration = 20.0
    on_evacuation_timeout: Literal["Abort", "Kill"] = "Abort"
    graceful_shutdown_interval: Duration = 10.0
    data_dir: Path = Path("/var/lib/diego")
    runtime: Literal["inside", "outside"] = "inside"
    runtime_socket: Path = Path("/run/diego/runtime.sock")
    app_address: str = ""
    app_address_file: Path | None = None
    app_ports: str = "61000-61999"
    log: LogSection = LogSection()

    @field_validator("app_ports")
    @classmethod
    def _range(cls, value: str) -> str:
        found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", value)
        if found is None or not 0 < int(found[1]) <= int(found[2]) <= 65535:
            raise ValueError(f"{value!r} is no range of ports; wanted for example 61000-61999")
        return value

    @property
    def rep_url(self) -> str:
        """Where BBS, auctioneer and operator reach this cell."""
        return self.advertise_url.replace("{cell}", self.cell_id)

    @property
    def ports(self) -> range:
        """The ports that apps get."""
        first, _, last = self.app_ports.partition("-")
        return range(int(first), int(last) + 1)

    def address_of_apps(self) -> str:
        """The IP at which apps are reached: as configured, else that of this host's name (a pod's own address)."""
        if self.app_address:
            return self.app_address
        if self.app_address_file is not None:
            return self.app_address_file.read_text().strip()
        return socket.gethostbyname(socket.gethostname())
