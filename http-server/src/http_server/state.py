"""The states of a connection."""

from enum import Enum


class State(Enum):
    """The state of a connection; each state has one deadline."""

    IDLE = "idle"  # no byte of a request has arrived
    HEAD = "head"  # a part of a request's head has arrived
    BODY = "body"  # the head is complete, the body is not
    BUSY = "busy"  # a thread handles the request, with deadlines of its own
    WRITING = "writing"  # the client has not read the response yet
    CLOSING = "closing"  # the response is sent; the client gets time to read it
