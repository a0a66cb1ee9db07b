"""Real time: connections that pass through the gateway as tunnels to the live process of notification-service."""
