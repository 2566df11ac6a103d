"""Structured logs: one JSON object a line, on standard error, without anything of a household or of a place."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and the facts given as `extra={"facts": …}`.

    >>> record = logging.LogRecord("gridgeo.web", logging.INFO, "", 0, "served %s", ("main@2",), None)
    >>> json.loads(JsonLines().format(record))["message"]
    'served main@2'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        told |= getattr(record, "facts", {})
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def install(level: str) -> None:
    """Log everything of gridgeo from this level on as JSON lines on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("gridgeo")
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(level.upper())
