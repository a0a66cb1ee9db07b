"""Which addresses may be called."""

import ipaddress

import pytest
from outbound_kit.addresses import BadNetwork, networks, permitted

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:a00:7", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.1", "198.18.0.1",
    "2001:db8::1", "fec0::1", "feff::1", "5f00::1", "64:ff9b:1::a00:7", "192.0.0.8", "192.88.99.1", "::7f00:1",
    "::ffff:0:127.0.0.1", "2130706433", "017700000001", "localhost", "", "127.1", "0x7f000001",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused(address: str) -> None:
    assert not permitted(address, (), development=False)


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("development", [False, True])
def test_a_public_address_is_permitted(address: str, development: bool) -> None:
    assert permitted(address, (), development=development)


def test_the_operator_allows_networks() -> None:
    allowed = [ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8")]
    assert permitted("10.1.2.3", allowed, development=False)
    assert permitted("fd00:1::1", allowed, development=False)
    assert permitted("::ffff:10.1.2.3", allowed, development=False)
    assert not permitted("10.2.0.1", allowed, development=False)
    assert not permitted("169.254.169.254", allowed, development=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.7", "172.16.0.1", "192.168.1.1", "fd00::1", "::ffff:10.0.0.7"]
)
def test_development_allows_this_machine_and_its_network(address: str) -> None:
    assert permitted(address, (), development=True)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "0.0.0.0", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255",
     "192.0.2.1", "fe80::1", "fec0::1", "ff02::1", "::", "::2", "64:ff9b::ffff:ffff"],
)  # fmt: skip
def test_development_allows_no_metadata_service_and_no_special_address(address: str) -> None:
    assert not permitted(address, (), development=True)


def test_a_list_of_networks_is_read_and_its_fault_is_named() -> None:
    assert [str(each) for each in networks(" 10.0.0.0/8, fd00::/8 ,192.168.1.7")] == [
        "10.0.0.0/8",
        "fd00::/8",
        "192.168.1.7/32",
    ]
    with pytest.raises(BadNetwork, match="intranet"):
        networks("10.0.0.0/8,intranet")
