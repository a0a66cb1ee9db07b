"""Holds the leader lock in a separate process: `python relay_to_stop.py URL` renews it and reports its loss."""

import sys
import time
from threading import Event as Flag
from threading import Thread

from eventbus.publish.leader_lock import LeaderLock, LostLock
from service_kit.database.engine import Database


def main(url: str) -> None:
    """Print `held`, then `lost` after the loss."""
    database = Database(url, schema="kit", relay_url=url)
    leader_lock = LeaderLock(database.relay_connection, "shop")
    print("held" if leader_lock.try_acquire() else "taken", flush=True)
    Thread(target=leader_lock.renew_until, args=(Flag(),), daemon=True).start()
    try:
        while True:
            time.sleep(0.2)
            if not leader_lock.held:
                raise LostLock
    except LostLock:
        print("lost", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
