"""Sends webhooks until it is killed: a process of its own, with the settings as its argument."""

import json
import sys
from threading import Event

from notification_service.service import SERVICE
from notification_service.usecases.run_webhooks import Calls, run_webhooks

if __name__ == "__main__":
    instance = SERVICE.instance(SERVICE.read_settings(json.loads(sys.argv[1])))
    webhooks = instance.dependencies.webhooks
    run_webhooks(Calls(webhooks.sender, webhooks.threads), Event())
