"""Certificates from files, re-read live: a renewed certificate or CA needs no restart.

TLS 1.2 at least; a server demands a client certificate of the configured CA. Source: docs/reference/cell.md, "TLS".
"""

from __future__ import annotations

import ssl
from pathlib import Path

from pydantic import BaseModel, ConfigDict

CIPHERS_TLS_1_2 = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"
"""What Diego's Go peers offer at TLS 1.2."""


class TLSFiles(BaseModel):
    """Paths of PEM files: CA bundle, own certificate, own key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ca_file: Path
    cert_file: Path
    key_file: Path

    def stamps(self) -> tuple[int, ...]:
        """Modification times in ns; a change of any means: read again."""
        return tuple(path.stat().st_mtime_ns for path in (self.ca_file, self.cert_file, self.key_file))


def client_context(files: TLSFiles) -> ssl.SSLContext:
    """A context that verifies the server's name and shows the own certificate."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(files.ca_file))
    return _own(context, files)


def server_context(files: TLSFiles) -> ssl.SSLContext:
    """A context that refuses a client without a certificate of the CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_verify_locations(cafile=str(files.ca_file))
    context.verify_mode = ssl.CERT_REQUIRED
    return _own(context, files)


def _own(context: ssl.SSLContext, files: TLSFiles) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS_TLS_1_2)
    context.load_cert_chain(str(files.cert_file), str(files.key_file))
    return context


class ServerIdentity:
    """A server's TLS that follows its files: each handshake looks at their times and takes a new context if they moved.

    A half-written set (certificate and key that do not match) keeps the old context until the set is whole.
    """

    def __init__(self, files: TLSFiles) -> None:
        self._files = files
        self._stamps = files.stamps()
        self._current = server_context(files)
        self.context = server_context(files)
        self.context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        self._refresh()
        connection.context = self._current

    def _refresh(self) -> None:
        try:
            stamps = self._files.stamps()
            if stamps != self._stamps:
                self._current, self._stamps = server_context(self._files), stamps
        except (OSError, ssl.SSLError):
            return


class ClientIdentity:
    """A client's TLS that follows its files."""

    def __init__(self, files: TLSFiles) -> None:
        self._files = files
        self._stamps: tuple[int, ...] = ()
        self._current: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """The context of the files as they are now; the last good one while they are half-written."""
        try:
            stamps = self._files.stamps()
            if self._current is None or stamps != self._stamps:
                self._current, self._stamps = client_context(self._files), stamps
        except (OSError, ssl.SSLError):
            if self._current is None:
                raise
        return self._current


def common_name(certificate: dict[str, object] | None) -> str:
    """The CN of a verified peer certificate as the ssl module gives it; "" when there is none."""
    subject = (certificate or {}).get("subject", ())
    for part in subject if isinstance(subject, tuple) else ():
        for name, value in part:
            if name == "commonName":
                return str(value)
    return ""
