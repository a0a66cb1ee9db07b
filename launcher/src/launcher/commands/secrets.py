"""Make the secrets that a deployment outside development mode needs."""

import base64
import secrets as random

import click
from service_kit.identity.tokens import public_key
from smartticket_contracts.services import registry


@click.command()
def secrets() -> None:
    """Print fresh secrets as lines for .env: database passwords, signing keys, the keys that encrypt stored secrets."""
    for name in ("POSTGRES", "RABBITMQ"):
        click.echo(f"{name}_PASSWORD={random.token_hex(24)}")
    keys = {}
    for service in registry().values():
        if service.schema:
            click.echo(f"{service.prefix}_DB_PASSWORD={random.token_hex(24)}")
        seed = base64.b64encode(random.token_bytes(32)).decode()
        keys[service.name] = public_key(seed)
        click.echo(f"{service.prefix}_SIGNING_KEY={seed}")
    click.echo("INTERNAL_TRUSTED_KEYS=" + ",".join(f"{name}:{key}" for name, key in keys.items()))
    for name in ("AUTH", "NOTIFICATION"):
        click.echo(f"{name}_KEY_SECRET={base64.b64encode(random.token_bytes(32)).decode()}")
