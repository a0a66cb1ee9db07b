"""What a file is by its content, whatever its name says. Reads little of it, and bounds what it unpacks."""

from ticket_service.domain.contents.recognise import recognise

__all__ = ["recognise"]
