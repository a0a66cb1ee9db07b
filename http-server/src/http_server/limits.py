"""Limits of sizes and times of requests and responses."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Limits:
    """The limits of one server.

    The transfer of a body or a response may take `grace_seconds` plus a second per `min_bytes_per_second` bytes, at
    most `max_transfer_seconds`. Where a declared length exceeds `max_body_bytes` (`max_form_bytes` for forms and files)
    the application gets only the head and refuses the request; the server discards the body, up to
    `max_discarded_bytes`. A tunnel ends whose client reads nothing, or acknowledges nothing, for
    `tunnel_stall_seconds`.
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
    close_wait_seconds: float = 2.0
    tunnel_stall_seconds: float = 30.0

    @property
    def spool_margin_bytes(self) -> int:
        """Return the bytes allowed beyond `max_spooled_bytes`: the rest of the oldest body and pieces already read."""
        return self.max_form_bytes + 16 * MIB

    def transfer_seconds(self, size: int) -> float:
        """Return the time limit for the transfer of `size` bytes, in seconds."""
        return min(self.grace_seconds + size / self.min_bytes_per_second, self.max_transfer_seconds)

    def body_bytes(self, content_type: str) -> int:
        """Return the size limit for a body of this content type: the small one for JSON and without a type."""
        kind = content_type.partition(";")[0].strip().lower()
        return self.max_body_bytes if kind in ("", "application/json") else self.max_form_bytes
