"""The server's certificate, key and client authorities, re-read while it runs.

Each change makes a whole new context, because an authority can only be added to one, never taken away. New connections
get the newest context, old ones live on.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

import structlog

POLL_S = 2.0
TLS_1_2_SUITES = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TLSFiles:
    """Where the server's certificate, its key and the authorities of its clients lie, PEM."""

    ca_file: Path
    cert_file: Path
    key_file: Path

    def contents(self) -> tuple[bytes, ...]:
        """What lies there now. Raises OSError."""
        return tuple(path.read_bytes() for path in (self.ca_file, self.cert_file, self.key_file))


class Credentials:
    """Holds the newest usable context. Raises OSError, ssl.SSLError when there is none at the start."""

    def __init__(self, files: TLSFiles) -> None:
        self._files = files
        self._contents = files.contents()
        self._context = server_context(files)

    def context(self) -> ssl.SSLContext:
        """The context for the next connection."""
        return self._context

    @property
    def trust_sha256(self) -> str:
        """Hash of the authorities in use, hexadecimal."""
        return hashlib.sha256(self._contents[0]).hexdigest()

    def reload(self) -> bool:
        """Re-read the files; True when something new is in use. Unusable files are logged and the old ones kept."""
        try:
            contents = self._files.contents()
            if contents == self._contents:
                return False
            self._context = server_context(self._files)
        except (OSError, ssl.SSLError) as error:
            log.warning("certificates-unusable", reason=str(error), remedy="the ones read before stay in use")
            return False
        self._contents = contents
        log.info("certificates-reloaded", trust_sha256=self.trust_sha256)
        return True

    async def watch(self, every: float = POLL_S) -> None:
        """Reload for ever; cancel to end. Contents are compared, since a mounted secret is swapped by a symlink."""
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.reload)


def server_context(files: TLSFiles) -> ssl.SSLContext:
    """TLS 1.2 and 1.3, a verified client certificate required, no HTTP/2 offered."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(TLS_1_2_SUITES)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.verify_mode = ssl.CERT_REQUIRED
    # As in Go, an authority of the file is trusted as it is: it need not be self-signed.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(files.ca_file)
    context.load_cert_chain(files.cert_file, files.key_file)
    return context
