"""The roles that may create, read and edit tickets."""

from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

CREATORS = (REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
TICKET_READERS = (REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
"""A requester reads only its own tickets (`api/visibility.py`)."""
READERS = (AGENT, MANAGER, ADMIN, SERVICE)
EDITORS = (AGENT, MANAGER, ADMIN)
PEOPLE = (REQUESTER, AGENT, MANAGER, ADMIN)
"""Everybody but services: for what belongs to one person."""
STATUS_EDITORS = (REQUESTER, AGENT, MANAGER, ADMIN)
"""A requester closes and reopens its own tickets."""
PEOPLE = (REQUESTER, AGENT, MANAGER, ADMIN)
"""Everybody but services."""
