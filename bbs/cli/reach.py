"""How a command reaches its BBS: the store itself by --config, or the master by --url with a client's certificate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bbs.cli.exits import Usage

if TYPE_CHECKING:
    from bbs.client import BBSClient, ClientTLS
    from bbs.configuration import BBSConfiguration


@dataclass(frozen=True, slots=True)
class Reach:
    """What the options said. `url` wins over `config`, which may come from the environment."""

    config: Path | None
    url: str | None
    cert: Path | None
    key: Path | None
    ca: Path | None

    @property
    def through_master(self) -> bool:
        """Whether the master is asked, not the store."""
        return self.url is not None

    def configuration(self) -> BBSConfiguration:
        """The configuration of the store. Raises Usage, ConfigurationError."""
        from bbs.configuration import load  # noqa: PLC0415

        if self.config is None:
            message = "which BBS? give --config FILE for the store itself, or --url with --cert, --key and --ca"
            raise Usage(message)
        return load(self.config)

    def client(self, url: str | None = None, timeout: float = 10.0) -> BBSClient:
        """A client of the member at `url`, by default the one named. Raises Usage."""
        from bbs.client import BBSClient  # noqa: PLC0415

        target = url or self.url
        if target is None:
            message = "this needs a running BBS: give --url https://HOST:8889 with --cert, --key and --ca"
            raise Usage(message)
        try:
            return BBSClient(target, self._tls(target), timeout=timeout)
        except ValueError as error:
            raise Usage(str(error)) from error

    def _tls(self, url: str) -> ClientTLS | None:
        from bbs.client import ClientTLS  # noqa: PLC0415

        if url.startswith("http://"):
            return None
        if self.cert is None or self.key is None or self.ca is None:
            message = "an https url needs --cert, --key and --ca (`bbs certs DIR` makes a set)"
            raise Usage(message)
        for path in (self.cert, self.key, self.ca):
            if not path.is_file():
                message = f"{path} is not there; wanted a PEM file"
                raise Usage(message)
        return ClientTLS(self.ca, self.cert, self.key)


@asynccontextmanager
async def master(reach: Reach) -> AsyncIterator[tuple[BBSClient, dict[str, Any]]]:
    """A client of the master and its status: `/status` is each member's own, so the member asked may name another."""
    async with reach.client() as asked:
        status = await asked.status()
        named = status.get("master") or {}
        if status.get("role") == "Master" or not named.get("url"):
            yield asked, status
            return
        async with reach.client(str(named["url"])) as client:
            yield client, await client.status()
