"""Detects a file's format from its content. Reads little of it and limits decompression."""

from ticket_service.domain.contents.detect import detect_format

__all__ = ["detect_format"]
