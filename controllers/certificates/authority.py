"""Signing: RSA-2048, since Go peers at TLS 1.2 may offer ECDHE_RSA suites only.

Keys are never logged and leave this module only as PEM for a Secret.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from controllers.render.leaves import Leaf

AUTHORITY_LIFE = timedelta(days=3650)
CLOCK_SKEW = timedelta(minutes=5)
"""A leaf is valid a little before it was made: nodes' clocks differ."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, its key and whom to trust, as PEM; the data of a Secret."""

    certificate: bytes
    key: bytes
    trust: bytes

    def __repr__(self) -> str:
        """Without the key."""
        return "Issued(...)"


def issue_authority(name: str, now: datetime) -> Issued:
    """A self-signed authority for ten years."""
    key = _key()
    subject = _name(name)
    public = key.public_key()
    certificate = (
        _builder(subject, subject, public, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return Issued(pem, _pem(key), pem)


def issue_leaf(leaf: Leaf, authority: Issued, now: datetime, life: timedelta) -> Issued:
    """A leaf for server and client use."""
    signer = x509.load_pem_x509_certificate(authority.certificate)
    signing_key = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(signing_key, rsa.RSAPrivateKey)
    key = _key()
    public = key.public_key()
    hosts: list[x509.GeneralName] = [x509.DNSName(host) for host in leaf.hosts]
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        _builder(_name(leaf.common_name), signer.subject, public, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([*hosts, *addresses]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .sign(signing_key, hashes.SHA256())
    )
    return Issued(certificate.public_bytes(serialization.Encoding.PEM), _pem(key), authority.certificate)


def not_after(certificate: bytes) -> datetime:
    """When a PEM certificate ends, in UTC. Raises ValueError when it is none."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def now_utc() -> datetime:
    """The wall clock, for callers that sign."""
    return datetime.now(UTC)


def _builder(
    subject: x509.Name, issuer: x509.Name, public: rsa.RSAPublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + life)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
