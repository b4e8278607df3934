"""What an auctioneer can be told."""

from __future__ import annotations

from components.configuration import Duration, LogSection, Section
from components.http.tls import TLSFiles


class AuctioneerConfiguration(Section):
    """The whole file. `starting_container_count_maximum` 0: no limit on instances that start at once."""

    listen_address: str = "0.0.0.0:9016"
    health_address: str = "0.0.0.0:9017"
    bbs_address: str
    locket_address: str
    tls: TLSFiles
    communication_timeout: Duration = 10.0
    cell_state_timeout: Duration = 10.0
    lock_ttl: Duration = 15.0
    lock_retry_interval: Duration = 1.0
    starting_container_weight: float = 0.25
    starting_container_count_maximum: int = 0
    log: LogSection = LogSection()
