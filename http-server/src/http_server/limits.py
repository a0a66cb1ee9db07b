"""How large and how slow a request may be."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Limits:
    """The limits of one server. Sizes are in bytes, times in seconds.

    A body or an answer may take `grace_seconds` plus a second per `min_bytes_per_second` bytes, at most
    `max_transfer_seconds`. Where a declared length
    exceeds `max_body_bytes` (`max_form_bytes` for forms and files) the application gets the head alone and refuses the
    request; what the client still sends is then discarded, up to `max_discarded_bytes`.
    """

    max_target_bytes: int = 8190
    max_header_bytes: int = 16 * KIB
    max_headers: int = 100
    max_body_bytes: int = MIB
    max_form_bytes: int = 25 * MIB + 64 * KIB
    max_discarded_bytes: int = 64 * MIB
    max_spooled_bytes: int = 256 * MIB
    max_unsent_bytes: int = 64 * MIB
    max_connections: int = 4_000
    head_seconds: float = 10.0
    keepalive_seconds: float = 30.0
    grace_seconds: float = 10.0
    max_transfer_seconds: float = 300.0
    min_bytes_per_second: int = 2_000
    linger_seconds: float = 2.0

    @property
    def spool_margin_bytes(self) -> int:
        """Return what bodies may take beyond `max_spooled_bytes`: the oldest one's rest, and pieces already read."""
        return self.max_form_bytes + 16 * MIB

    def transfer_seconds(self, size: int) -> float:
        """Return how long the transfer of `size` bytes may take."""
        return min(self.grace_seconds + size / self.min_bytes_per_second, self.max_transfer_seconds)

    def body_bytes(self, content_type: str) -> int:
        """Return the largest body of this content type that is read: JSON, and what names no type, is small."""
        kind = content_type.partition(";")[0].strip().lower()
        return self.max_body_bytes if kind in ("", "application/json") else self.max_form_bytes
