"""An authority and leaves by CN, as files in the form of a Kubernetes TLS secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bbs.certs import Authority, create_authority
from components.http import TLSFiles

DAY = timedelta(days=1)


class Trust:
    """One authority below `folder`."""

    def __init__(self, folder: Path, name: str = "test ca") -> None:
        self.folder = folder
        self.authority: Authority = create_authority(name, datetime.now(UTC), DAY)
        self._write_authority()

    def _write_authority(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "ca.crt").write_bytes(self.authority.certificate)

    def leaf(self, common_name: str) -> TLSFiles:
        """The files of a leaf, made at the first call."""
        folder = self.folder / common_name
        if not folder.exists():
            folder.mkdir()
            self.renew(common_name)
        return TLSFiles(ca_file=self.folder / "ca.crt", cert_file=folder / "tls.crt", key_file=folder / "tls.key")

    def renew(self, common_name: str) -> None:
        """A new certificate and key in the same files, by the authority as it is now."""
        leaf = self.authority.issue(common_name, ["localhost", "127.0.0.1"], datetime.now(UTC), DAY)
        (self.folder / common_name / "tls.key").write_bytes(leaf.key)
        (self.folder / common_name / "tls.crt").write_bytes(leaf.certificate)

    def replace_authority(self) -> None:
        """Another authority under the same file names; leaves stay as they are until renewed."""
        self.authority = create_authority("another ca", datetime.now(UTC), DAY)
        self._write_authority()
