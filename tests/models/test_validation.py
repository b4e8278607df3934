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
        ("a:\x7f", False),
    ],
)
def test_a_rootfs_is_a_url_with_a_scheme(value: str, valid: bool) -> None:
    assert bool(rootfs_failures(value)) is not valid


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
