"""Rules of validation beyond the recorded ones."""

import pytest

from bbs.models.validation.egress import egress_rule_failures
from bbs.models.validation.rootfs import rootfs_failures
from bbs.wire.container_pb2 import SecurityGroupRule


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("a:", True),
        ("preloaded:cflinuxfs4", True),
        ("docker:///library/busybox#latest", True),
        ("docker://host:5000/a?b=%zz", True),
        ("preloaded+layer:cflinuxfs4?layer=http://x/y&layer_path=/z", True),
        ("", False),
        ("foo", False),
        (":foo", False),
        ("1a:b", False),
        ("docker://host:port/a", False),
        ("docker://a/%zz", False),
        ("docker://a#%zz", False),
        ("docker://[::1]:80/a", True),
        ("docker://[zz]/a", False),
        ("docker://[1.1.1.1]/a", False),
        ("docker://[::ffff:1.1.1.1]", True),
        ("docker://[fe80::1%25eth0]:80", True),
        ("docker://[fe80::1%25]", False),
        ("docker://[fe80::1%25%41]", True),
        ("docker://[fe80::1%25%40]", False),
        ("docker://[::1]x", False),
        ("docker://h[::1]", False),
        ("docker://h[a]", False),
        ("docker://[::1", False),
        ("docker://h]", True),
        ("docker://a:b:80", True),
        ("docker://a:80:b", False),
        ("docker://a:", True),
        ('docker://<">', True),
        ("docker://a b", False),
        ("docker://a|b", False),
        ("docker://h%41", False),
        ("docker://h%c3%a9", True),
        ("docker://h%25", True),
        ("docker://é", True),
        ("docker://u:p@h", True),
        ("docker://u@v@h", True),
        ("docker://u%zz@h", False),
        ("docker://é@h", False),
        ("docker://u|v@h", False),
        ("docker:///a b", True),
        ("docker:%zz", True),
        ("docker:/%zz", False),
        ("docker:?%zz", True),
        ("a:\x1f", False),
        ("a:#\x1f", True),
        ("a:#%4", False),
        ("*", False),
        ("A+.-1:", True),
        ("a b:", False),
        ("a:\x7f", False),
    ],
)
def test_a_rootfs_is_a_url_with_a_scheme(value: str, valid: bool) -> None:
    assert bool(rootfs_failures(value)) is not valid


def test_a_rootfs_that_is_no_utf8_is_a_url_all_the_same() -> None:
    assert rootfs_failures(b"docker:///\xff") == []
    assert rootfs_failures(b"\xff:") != []


@pytest.mark.parametrize(
    ("destination", "failures"),
    [
        ("0.0.0.0-9.255.255.255", 0),
        ("169.255.0.0-172.15.255.255", 0),
        ("10.0.0.0/8,192.168.0.1", 0),
        ("2001:db8::/32", 0),
        ("2.2.2.2-1.1.1.1", 4),
        ("1.1.1.1-::1", 5),
        ("01.1.1.1", 1),
        ("1.1.1.1-", 1),
    ],
)
def test_a_destination_is_an_address_a_network_or_a_range(destination: str, failures: int) -> None:
    rule = SecurityGroupRule(protocol="all", destinations=[destination])
    assert "".join(egress_rule_failures(rule)).count("Invalid IP") == failures
