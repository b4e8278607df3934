"""The operator's own certificates, checked by real TLS handshakes."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from controllers.certificates import Issued, issue_authority, issue_leaf, leaf_of, leaves_of, not_after
from controllers.render.names import Names

NAMES = Names("diego", "ns")
NOW = datetime.now(UTC).replace(microsecond=0)
LIFE = timedelta(days=90)


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue_authority("diego-ca", NOW)


def context(folder: Path, issued: Issued, purpose: ssl.Purpose) -> ssl.SSLContext:
    certificate, key = folder / f"{purpose.name}.crt", folder / f"{purpose.name}.key"
    certificate.write_bytes(issued.certificate)
    key.write_bytes(issued.key)
    found = ssl.create_default_context(purpose, cadata=issued.trust.decode())
    found.load_cert_chain(certificate, key)
    return found


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert all(end.version() for end in ends)


def test_the_operator_reaches_a_member_by_its_own_name_and_no_other(authority: Issued, tmp_path: Path) -> None:
    member = issue_leaf(leaf_of(NAMES, "diego-bbs-tls"), authority, NOW, LIFE)
    operator = issue_leaf(leaf_of(NAMES, "diego-operator-tls"), authority, NOW, LIFE)
    server = context(tmp_path, member, ssl.Purpose.CLIENT_AUTH)
    server.verify_mode = ssl.CERT_REQUIRED
    client = context(tmp_path, operator, ssl.Purpose.SERVER_AUTH)
    handshake(server, client, "diego-bbs-0-0.diego-bbs-members.ns.svc")
    handshake(server, client, "diego-bbs.ns.svc")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, client, "diego-cell-default-0.diego-cells.ns.svc")


def test_the_common_names_are_the_components(authority: Issued) -> None:
    names = {leaf.secret: leaf.common_name for leaf in leaves_of(NAMES)}
    assert names["diego-operator-tls"] == "diego-operator"
    assert names["diego-bbs-tls"] == "bbs"
    leaf = issue_leaf(leaf_of(NAMES, "diego-cell-tls"), authority, NOW, LIFE)
    subject = x509.load_pem_x509_certificate(leaf.certificate).subject
    assert subject.rfc4514_string() == "CN=cell"


def test_a_leaf_ends_when_it_was_told_to(authority: Issued) -> None:
    leaf = issue_leaf(leaf_of(NAMES, "diego-bbs-tls"), authority, NOW, LIFE)
    assert not_after(leaf.certificate) == NOW + LIFE


def test_a_key_is_not_printed(authority: Issued) -> None:
    assert "PRIVATE" not in repr(authority)
