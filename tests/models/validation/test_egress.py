"""Rules about traffic: what each protocol needs and forbids, and what a destination is."""

import pytest

from bbs.wire import container_pb2 as wire
from tests.models.validation.refusals import desired_refusal, task_refusal

TO = ["1.1.1.1"]
RANGE = wire.PortRange(start=1, end=1)
ICMP = wire.ICMPInfo()


def egress(**members: object) -> str:
    rule = wire.SecurityGroupRule(**{"destinations": TO, **members})  # type: ignore[arg-type]
    return desired_refusal(egress_rules=[rule]).removeprefix("egress_rules, ")


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({}, "Missing required field: ports or port_range"),
        ({"ports": [1], "port_range": RANGE}, "Invalid: ports and port_range provided"),
        ({"ports": [0]}, "ports"),
        ({"ports": [0, 1, 0]}, "ports, ports"),
        ({"ports": [1, 65535, 70000]}, ""),
        ({"port_range": RANGE}, ""),
        ({"port_range": wire.PortRange(start=1, end=70000)}, ""),
        ({"port_range": wire.PortRange(end=2)}, "port_range"),
        ({"port_range": wire.PortRange(start=3, end=2)}, "port_range"),
        ({"port_range": wire.PortRange(start=3)}, "port_range, port_range"),
        ({"port_range": wire.PortRange()}, "port_range, port_range"),
        ({"ports": [1], "icmp_info": ICMP}, "icmp_info"),
        ({"icmp_info": ICMP}, "Missing required field: ports or port_range, icmp_info"),
    ],
)
def test_tcp_and_udp_need_ports_or_a_range(protocol: str, members: dict[str, object], refused: str) -> None:
    assert egress(protocol=protocol, **members) == refused


@pytest.mark.parametrize(("protocol", "info"), [("icmp", "icmp_info"), ("icmpv6", "icmpv6_info")])
def test_icmp_needs_its_info_and_no_ports(protocol: str, info: str) -> None:
    assert egress(protocol=protocol, icmp_info=ICMP) == ""
    assert egress(protocol=protocol) == info
    assert egress(protocol=protocol, ports=[1], port_range=RANGE, icmp_info=ICMP) == "port_range, ports"
    assert egress(protocol=protocol, ports=[1]) == f"ports, {info}"


def test_all_takes_neither_ports_nor_info() -> None:
    assert egress(protocol="all") == ""
    assert egress(protocol="all", ports=[1], port_range=RANGE, icmp_info=ICMP) == "port_range, ports, icmp_info"


@pytest.mark.parametrize("protocol", ["", "TCP", "ip", " tcp"])
def test_no_other_protocol_is_known(protocol: str) -> None:
    assert egress(protocol=protocol, ports=[1], port_range=RANGE, icmp_info=ICMP) == "protocol"


@pytest.mark.parametrize(
    ("destinations", "reasons"),
    [
        ([], "Must have at least 1 destination"),
        ([""], "Invalid IP"),
        (["1.1.1.1", "::1", "::ffff:1.2.3.4"], ""),
        (["1.1.1.1,2.2.2.2-2.2.2.3,10.0.0.0/8"], ""),
        (["1.1.1.1,"], "Invalid IP"),
        (["1.1.1.1, 2.2.2.2"], "Invalid IP"),
        (["fe80::1%eth0"], "Invalid IP"),
        (["1.1.1"], "Invalid IP"),
        (["1.1.1.1/0", "1.1.1.1/32", "::1/128", "10.0.0.0/08"], ""),
        (["1.1.1.1/33"], "invalid CIDR address: 1.1.1.1/33"),
        (["::1/129"], "invalid CIDR address: ::1/129"),
        (["1.1.1.1/"], "invalid CIDR address: 1.1.1.1/"),
        (["1.1.1.1/1/1"], "invalid CIDR address: 1.1.1.1/1/1"),
        (["x/8", "y"], "invalid CIDR address: x/8, Invalid IP"),
        (["1.1.1.1/8-2.2.2.2"], "invalid CIDR address: 1.1.1.1/8-2.2.2.2"),
        (["1.1.1.1-2.2.2.2/8"], "Invalid IP"),
        (["1.1.1.1-1.1.1.1"], ""),
        (["1.1.1.1-1.1.1.2-1.1.1.3"], "Invalid IP"),
        (["-1.1.1.1"], "Invalid IP"),
        (["1.1.1.2-1.1.1.1"], "Invalid IP"),
        (["::2-::1"], "Invalid IP"),
        (["::1-1.1.1.1"], ""),
    ],
)
def test_a_destination_is_an_address_a_network_or_a_range(destinations: list[str], reasons: str) -> None:
    expected = f"destinations [ {reasons} ]" if reasons else ""
    assert egress(protocol="all", destinations=destinations) == expected


@pytest.mark.parametrize(
    ("destination", "reasons"),
    [("10.0.0.0/8", ""), ("1.2.3", "Invalid IP"), (f"10.0.0.0/{'0' * 120}8", ""), ("1" * 120, "Invalid IP")],
)
def test_a_destination_that_comes_again_is_judged_alike_however_long(destination: str, reasons: str) -> None:
    expected = f"destinations [ {reasons} ]" if reasons else ""
    assert [egress(protocol="all", destinations=[destination]) for _ in range(2)] == [expected, expected]


def test_destinations_come_last() -> None:
    assert egress(protocol="tcp", icmp_info=ICMP, destinations=[]) == (
        "Missing required field: ports or port_range, icmp_info, destinations [ Must have at least 1 destination ]"
    )


def test_each_rule_is_named_and_of_a_task_nothing_else() -> None:
    rules = [wire.SecurityGroupRule(destinations=TO), wire.SecurityGroupRule(protocol="all"), wire.SecurityGroupRule()]
    nowhere = "destinations [ Must have at least 1 destination ]"
    assert desired_refusal(egress_rules=rules) == (
        f"egress_rules, protocol, egress_rules, {nowhere}, egress_rules, protocol, {nowhere}"
    )
    assert task_refusal(egress_rules=rules) == "egress_rules, egress_rules, egress_rules"
