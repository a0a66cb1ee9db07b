"""Make the secrets that a deployment outside development mode needs."""

import base64
import secrets as random

import click
from service_kit.identity.tokens import public_key

SERVICES = (
    "api-gateway",
    "ticket-service",
    "ai-service",
    "routing-service",
    "analytics-service",
    "auth-service",
    "rag-service",
)


@click.command()
def secrets() -> None:
    """Print fresh secrets as lines for .env: database passwords, signing keys, the gateway's bearer key."""
    for name in ("POSTGRES", "RABBITMQ"):
        click.echo(f"{name}_PASSWORD={random.token_hex(24)}")
    keys = {}
    for service in SERVICES:
        prefix = service.removesuffix("-service").removeprefix("api-").upper()
        if service != "api-gateway":
            click.echo(f"{prefix}_DB_PASSWORD={random.token_hex(24)}")
        seed = base64.b64encode(random.token_bytes(32)).decode()
        keys[service] = public_key(seed)
        click.echo(f"{prefix}_SIGNING_KEY={seed}")
    click.echo("INTERNAL_TRUSTED_KEYS=" + ",".join(f"{service}:{key}" for service, key in keys.items()))
    click.echo(f"GATEWAY_API_KEY={random.token_urlsafe(32)}")
