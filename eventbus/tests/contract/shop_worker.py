"""The worker of the little service `shop` on a real bus, here or as a process of its own.

`python shop_worker.py KIND ADDRESS APP_URL RELAY_URL FOLDER [slow]`: runs until killed and prints when it relays; with
`slow` its effect never ends, so that a kill finds unacknowledged messages.
"""

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Any

from eventbus.bus.port import Bus
from eventbus.bus.postgres import PostgresBus
from eventbus.bus.rabbitmq import RabbitBus
from eventbus.worker import Worker
from service_kit.database.engine import Database


def bus_of_shop(kind: str, address: str) -> Bus:
    """Give `shop` its way to the bus."""
    if kind == "rabbitmq":
        return RabbitBus(address, "shop", ["shop"], heartbeat_seconds=2)
    return PostgresBus(address, "shop", lease_seconds=3.0, poll_seconds=0.2)


def _shop() -> Any:
    path = Path(__file__).parents[1] / "messaging" / "shop.py"
    spec = importlib.util.spec_from_file_location("shop", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shop"] = module
    spec.loader.exec_module(module)
    return module


def report(text: str) -> None:
    """Write a line of its own in one piece: `print` writes its newline apart, and other threads log in between."""
    os.write(sys.stdout.fileno(), f"\n{text}\n".encode())


def main(kind: str, address: str, url: str, relay_url: str, folder: str, mood: str = "") -> None:
    """Run the worker."""
    shop = _shop()

    class Kit:
        pass

    kit: Any = Kit()
    kit.url, kit.relay_url = url, relay_url

    def forever(session: Any, deliveries: Any) -> None:
        report("received")
        time.sleep(600)

    worker = Worker(
        shop.settings_of_shop(kit, folder),
        Database(url, schema="kit", relay_url=relay_url, pool_size=10, statement_timeout_ms=600_000),
        bus_of_shop(kind, address),
        shop.contracts_of_shop(),
        [shop.subscription(forever if mood == "slow" else shop.note)],
    )
    worker.start()
    while not worker.relay.active:
        time.sleep(0.01)
    report("relaying")
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
