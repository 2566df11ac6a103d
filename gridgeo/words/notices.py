"""Sentences of the notices, faults and findings the core reports: (English, Chinese)."""

from __future__ import annotations

NOTICES: dict[str, tuple[str, str]] = {}
