"""The roles that may create, read and edit tickets."""

from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

CREATORS = (REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
READERS = (AGENT, MANAGER, ADMIN, SERVICE)
EDITORS = (AGENT, MANAGER, ADMIN)
