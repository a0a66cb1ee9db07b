"""Events in. `count` handles all ticket events, whose fields are in `ticket_events`."""
