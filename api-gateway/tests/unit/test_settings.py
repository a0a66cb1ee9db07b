"""Settings that would be dangerous are refused, with every fault named."""

import pytest
from api_gateway.settings import is_loopback, read_settings
from service_kit.settings import BadSettings

SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
PRODUCTION = {"INTERNAL_SIGNING_KEY": SEED}


def test_production_is_the_default_and_needs_its_secrets() -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({})
    assert "INTERNAL_SIGNING_KEY" in str(refused.value)
    settings = read_settings(PRODUCTION)
    assert not settings.development
    assert settings.rate_limits.on
    assert (settings.host, settings.port, settings.http_workers) == ("127.0.0.1", 5000, 1)


def test_the_issuer_of_tokens_is_the_public_address_without_its_last_slash() -> None:
    assert read_settings(PRODUCTION).issuer == "smart-ticket"
    assert read_settings({**PRODUCTION, "PUBLIC_URL": "https://desk.example/"}).issuer == "https://desk.example"


@pytest.mark.parametrize(
    "mapping",
    [{"GATEWAY_BIND": "0.0.0.0"}, {"GATEWAY_BIND": "192.168.1.7"}, {"GATEWAY_BIND": "::"}, {"HTTP_HOST": "0.0.0.0"},
     {"GATEWAY_BIND": "desk.example"}, {"HTTP_HOST": "0.0.0.0", "GATEWAY_PUBLISHED_ON": "0.0.0.0"},
     {"GATEWAY_PUBLISHED_ON": "10.0.0.1"}],
)  # fmt: skip
def test_development_mode_is_refused_where_others_reach_it(mapping: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match="development mode"):
        read_settings({"SMARTTICKET_ENV": "development", **mapping})


@pytest.mark.parametrize(
    "mapping",
    [{}, {"GATEWAY_BIND": "127.0.0.1"}, {"GATEWAY_BIND": "localhost"}, {"GATEWAY_BIND": "::1"},
     {"HTTP_HOST": "0.0.0.0", "GATEWAY_PUBLISHED_ON": "127.0.0.1"}],
)  # fmt: skip
def test_development_mode_is_accepted_on_this_machine_alone(mapping: dict[str, str]) -> None:
    settings = read_settings({"SMARTTICKET_ENV": "development", **mapping})
    assert settings.development
    assert not settings.rate_limits.on


@pytest.mark.parametrize(
    ("name", "value"),
    [("CORS_ORIGINS", "*"), ("CORS_ORIGINS", "https://a.example/path"), ("CORS_ORIGINS", "desk.example"),
     ("TRUSTED_PROXIES", "everybody"), ("TICKET_SERVICE_URL", "ticket-service:5001"),
     ("AI_SERVICE_URL", "http://ai:5002/prefix"), ("UPSTREAM_SHARE", "2"), ("RATE_LIMIT_PER_USER", "-1"),
     ("RATE_LIMIT_LOGINS_PER_ACCOUNT", "0"), ("RATE_LIMIT_STORE_URL", "127.0.0.1:6379"),
     ("RATE_LIMIT_STORE_URL", "memcached://cache"), ("RATE_LIMIT_STORE_SECONDS", "0"),
     ("GATEWAY_HOSTS", "https://desk.example"), ("GATEWAY_HOSTS", "desk.example:5000"),
     ("GATEWAY_HOSTS", "desk.*"), ("GATEWAY_HOSTS", "a@b.example"), ("REVOCATION_POLL_SECONDS", "11"),
     ("JWKS_SECONDS", "0")],
)  # fmt: skip
def test_nonsense_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings):
        read_settings({"SMARTTICKET_ENV": "development", name: value})


def test_the_address_of_the_store_is_told_to_nobody() -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({**PRODUCTION, "RATE_LIMIT_STORE_URL": "http://:hunter2@cache"})
    assert "RATE_LIMIT_STORE_URL" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("mapping", "hosts", "any_host"),
    [
        ({}, {"api-gateway"}, True),
        ({"PUBLIC_URL": "smart-ticket"}, {"api-gateway"}, True),
        ({"PUBLIC_URL": "https://Desk.Example:8443/"}, {"api-gateway", "desk.example"}, False),
        ({"GATEWAY_HOSTS": "desk.example., *.Desk.example"}, {"desk.example", "*.desk.example"}, False),
        ({"GATEWAY_HOSTS": "büro.example"}, {"xn--bro-hoa.example"}, False),
        ({"GATEWAY_HOSTS": "a.example", "PUBLIC_URL": "https://b.example"}, {"a.example", "b.example"}, False),
        ({"GATEWAY_HOSTS": "*", "PUBLIC_URL": "https://b.example"}, {"*", "b.example"}, True),
    ],
)
def test_the_hosts_are_those_of_the_list_and_of_the_public_address(
    mapping: dict[str, str], hosts: set[str], any_host: bool
) -> None:
    settings = read_settings({**PRODUCTION, **mapping})
    assert (settings.hosts, settings.any_host) == (hosts, any_host)


def test_status_ports_are_on_only_where_asked_for() -> None:
    development = {"SMARTTICKET_ENV": "development"}
    assert read_settings(development).more_ports == ()
    ports = read_settings({**development, "STATUS_PORTS": "true"}).more_ports
    assert ports == (5001, 5002, 5003, 5004, 5005, 5006, 5008, 5007)


def test_only_deployed_services_are_behind_the_gateway() -> None:
    settings = read_settings({"SMARTTICKET_ENV": "development", "SMARTTICKET_SERVICES": "ticket-service,ai-service"})
    assert set(settings.upstreams) == {"ticket-service", "ai-service"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"])
def test_what_only_looks_like_loopback_is_not(host: str) -> None:
    assert not is_loopback(host)
