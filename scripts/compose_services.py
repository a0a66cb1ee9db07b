"""What `make docs` writes into docker-compose.yml: a container per service of the registry, its settings and secrets.

Running a service's settings code tells which settings it reads; compose passes all of them on.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml
from smartticket_contracts.services import Service, registry, services_behind_the_gateway

from scripts.blocks import with_block
from tests.architecture.settings_code import settings_read_by

COMPOSE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
SECRET_ENDINGS = ("PASSWORD", "_KEY", "SECRET", "_TOKEN", "DATABASE_URL", "BROKER_URL", "RABBITMQ_URL", "STORE_URL")
OWN = ("DATABASE_URL", "RELAY_DATABASE_URL", "DB_USER", "DB_PASSWORD")
"""Settings for which each service has a variable of its own: TICKET_DB_USER gives ticket-service its DB_USER."""
INIT_DB_SECRETS = ("ADMIN_DATABASE_URL", "POSTGRES_PASSWORD")
SHARED = yaml.safe_load(COMPOSE.read_text(encoding="utf-8").partition("\nservices:\n")[0])
FOR_ALL = set(SHARED["x-settings"])
FOR_STORES = set(SHARED["x-bus-and-database"])


def documents() -> dict[Path, str]:
    """Return the text of docker-compose.yml."""
    text = COMPOSE.read_text(encoding="utf-8")
    text = with_block(text, "passwords", list(_passwords()))
    text = with_block(text, "services", [line for service in registry().values() for line in _container(service)])
    volumes = {name: None for service in registry().values() for name in service.volumes}
    text = with_block(text, "volumes", [f"  {name}:" for name in volumes])
    return {COMPOSE: with_block(text, "secrets", list(_secrets()))}


def _passwords() -> Iterator[str]:
    """Yield what init-db gets: the password of each service."""
    names = [f"{service.prefix}_DB_PASSWORD" for service in services_behind_the_gateway()]
    yield "x-passwords: &passwords"
    for name in names:
        yield f"  {name}: ${{{name}:-}}"
        yield f"  {name}_FILE: /run/secrets/{name}"
    yield f"x-init-db-secrets: &init-db-secrets [{', '.join((*INIT_DB_SECRETS, *names))}]"


def _container(service: Service) -> Iterator[str]:
    shared = ["*settings", "*settings-in-files"]
    shared += ["*bus-and-database", "*bus-and-database-in-files"] if service.schema else []
    yield f"  {service.name}:"
    yield "    <<: *service"
    yield f"    build: {{context: ., args: {{SERVICE: {service.name}}}}}"
    yield f"    image: smartticket/{service.name}"
    yield "    environment:" + (f" &{service.name}-environment" if service.live else "")
    yield f"      <<: [{', '.join(shared)}]"
    yield f'      PORT: "{service.port}"'
    yield from (f"      {name}: {value}" for name, value in service.environment.items())
    for name in _own_settings(service):
        yield from (f"      {line}" for line in _passed_on(service, name))
    secrets = f"&{service.name}-secrets " if service.live else ""
    yield f"    secrets: {secrets}[{', '.join(_secrets_of(service))}]"
    if service.volumes:
        mounted = ", ".join(f'"{name}:{path}"' for name, path in service.volumes.items())
        yield f"    volumes: [{mounted}]"
    if service.memory:
        yield f"    mem_limit: {service.memory}"
    if service.pids:
        yield f"    pids_limit: {service.pids}"
    yield from _with_a_schema(service) if service.schema else _gateway(service)
    yield "      <<: *health"
    yield ""
    if service.live:
        yield from _live(service)


def _live(service: Service) -> Iterator[str]:
    """Yield the container that serves real time, with the service's image and settings."""
    yield f"  {service.name.removesuffix('-service')}-live:"
    yield "    <<: *service"
    yield f"    image: smartticket/{service.name}"
    yield f'    command: ["python", "-m", "{service.package}.live"]'
    yield f"    environment: *{service.name}-environment"
    yield f"    secrets: *{service.name}-secrets"
    yield "    depends_on:"
    yield f"      {service.name}: {{condition: service_healthy}}"
    yield "    healthcheck:"
    yield f'      test: ["CMD", "python", "/app/healthcheck.py", "http://127.0.0.1:{service.live}/ready"]'
    yield "      <<: *health"
    yield ""


def _with_a_schema(service: Service) -> Iterator[str]:
    yield "    depends_on: *after"
    yield from _healthcheck(service, "/ready")


def _gateway(gateway: Service) -> Iterator[str]:
    yield "    ports:"
    yield f'      - "${{GATEWAY_BIND:-127.0.0.1}}:${{{gateway.port_setting}:-{gateway.port}}}:{gateway.port}"'
    yield "      # /health, /ready and /metrics of a replica of each service, answered by the gateway, so that services"
    yield "      # can be scaled"
    for service in services_behind_the_gateway():
        yield f'      - "127.0.0.1:${{{service.port_setting}:-{service.port}}}:{service.port}"'
    yield "    depends_on:"
    for service in services_behind_the_gateway():
        yield f"      {service.name}: {{condition: service_healthy}}"
    yield from _healthcheck(gateway, "/health")


def _healthcheck(service: Service, path: str) -> Iterator[str]:
    yield "    healthcheck:"
    yield f'      test: ["CMD", "python", "/app/healthcheck.py", "http://127.0.0.1:{service.port}{path}"]'


def _own_settings(service: Service) -> list[str]:
    """Return the settings of a service that no other line of the file gives it."""
    given = {"PORT", *service.environment, *FOR_ALL, *(FOR_STORES if service.schema else ())}
    return [name for name in settings_read_by(service.name) if name not in given]


def _passed_on(service: Service, name: str) -> Iterator[str]:
    """Yield the lines that give a service one setting, by value and by file."""
    neighbours = {each.url_setting: f"http://{each.name}:{each.port}" for each in services_behind_the_gateway()}
    variable = _variable(service, name)
    yield f"{name}: ${{{variable}:-{neighbours.get(name, '')}}}"
    if name.endswith(SECRET_ENDINGS):
        yield f"{name}_FILE: /run/secrets/{variable}"
    elif name not in neighbours and name not in OWN:
        yield f"{name}_FILE:"


def _variable(service: Service, name: str) -> str:
    """Return the variable of .env that holds a setting of a service."""
    if name == "INTERNAL_SIGNING_KEY":
        return f"{service.prefix}_SIGNING_KEY"
    return f"{service.prefix}_{name}" if name in OWN else name


def _secrets_of(service: Service) -> list[str]:
    """Return the variables that hold a service's secrets."""
    shared = [name for name in settings_read_by(service.name) if name in FOR_STORES]
    names = [*shared, *_own_settings(service)]
    return [_variable(service, name) for name in names if name.endswith(SECRET_ENDINGS)]


def _secrets() -> Iterator[str]:
    names = {name for service in registry().values() for name in _secrets_of(service)}
    for name in sorted(names | set(INIT_DB_SECRETS)):
        yield f'  {name}: {{file: "${{{name}_FILE:-/dev/null}}"}}'
