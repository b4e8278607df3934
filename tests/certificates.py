"""Real certificates for tests: one authority, and a leaf for each name that the rules tell apart."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bbs.certs import Authority, create_authority
from bbs.client import ClientTLS
from bbs.server import TLSFiles

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Certificates:
    """An authority and the folder its leaves are written to."""

    folder: Path
    authority: Authority

    @classmethod
    def create(cls, folder: Path, name: str = "test ca") -> Certificates:
        """A new authority whose leaves lie below `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        certificates = cls(folder, create_authority(name, datetime.now(UTC), DAY))
        (folder / "ca.crt").write_bytes(certificates.authority.certificate)
        return certificates

    def leaf(self, common_name: str) -> Path:
        """The folder with tls.crt and tls.key of that name, made at the first call."""
        folder = self.folder / common_name
        if not folder.exists():
            folder.mkdir()
            leaf = self.authority.issue(common_name, ["localhost", "127.0.0.1"], datetime.now(UTC), DAY)
            (folder / "tls.crt").write_bytes(leaf.certificate)
            (folder / "tls.key").write_bytes(leaf.key)
        return folder

    def sign_authority(self, above: Certificates) -> None:
        """The same authority, no longer signed by itself."""
        own = x509.load_pem_x509_certificate(self.authority.certificate)
        signer = serialization.load_pem_private_key(above.authority.key, None)
        assert isinstance(signer, rsa.RSAPrivateKey)
        builder = x509.CertificateBuilder(
            x509.load_pem_x509_certificate(above.authority.certificate).subject,
            own.subject,
            own.public_key(),
            x509.random_serial_number(),
            own.not_valid_before_utc,
            own.not_valid_after_utc,
            list(own.extensions),
        )
        signed = builder.sign(signer, hashes.SHA256())
        self.ca_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    @property
    def ca_file(self) -> Path:
        """The authority's certificate."""
        return self.folder / "ca.crt"

    def server(self) -> TLSFiles:
        """Files of a server."""
        leaf = self.leaf("bbs")
        return TLSFiles(self.ca_file, leaf / "tls.crt", leaf / "tls.key")

    def client(self, common_name: str = "rep") -> ClientTLS:
        """Files of a client."""
        leaf = self.leaf(common_name)
        return ClientTLS(self.ca_file, leaf / "tls.crt", leaf / "tls.key")

    def context(self, common_name: str = "rep") -> ssl.SSLContext:
        """A client's context, for tests that speak to the socket themselves."""
        files = self.client(common_name)
        context = ssl.create_default_context(cafile=str(files.ca_file))
        context.load_cert_chain(files.cert_file, files.key_file)
        return context
