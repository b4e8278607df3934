"""The client's side of mutual TLS: files that may be replaced while the process runs."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClientTLS:
    """Where the client's certificate, its key and the trusted authorities lie."""

    ca_file: Path
    cert_file: Path
    key_file: Path


Stamp = tuple[tuple[int, int, int], ...]


@dataclass(slots=True)
class LiveContext:
    """An SSL context that is made anew whenever one of its files was replaced; old connections live on."""

    files: ClientTLS
    _stamp: Stamp = ()
    _context: ssl.SSLContext | None = field(default=None)

    def current(self) -> ssl.SSLContext:
        """The context for the next connection. Raises OSError or ssl.SSLError when the files are unusable."""
        stamp = tuple(_identity(p) for p in (self.files.ca_file, self.files.cert_file, self.files.key_file))
        if self._context is None or stamp != self._stamp:
            self._context = _context(self.files)
            self._stamp = stamp
        return self._context


def _identity(path: Path) -> tuple[int, int, int]:
    seen = path.stat()
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def _context(files: ClientTLS) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # As in Go, an authority of the file is trusted as it is: it need not be self-signed.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(files.ca_file)
    context.load_cert_chain(files.cert_file, files.key_file)
    return context
