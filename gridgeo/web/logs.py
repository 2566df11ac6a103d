"""Structured logs: one JSON object a line, on standard error, without anything of a household or of a place."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and the facts given as `extra={"facts": …}`.

    >>> record = logging.LogRecord("gridgeo.web", logging.INFO, "", 0, "served %s", ("main@2",), None)
    >>> msgspec.json.decode(JsonLines().format(record))["message"]
    'served main@2'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        seconds, part = divmod(record.created, 1)
        at = f"{_second(int(seconds))}.{int(part * 1000):03d}Z"
        told: dict[str, Any] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= getattr(record, "facts", {})
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return _written(told)


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """A time in UTC to the second; a busy server asks for the same one again and again."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _written(told: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(told).decode()
    except UnicodeEncodeError:  # half a surrogate pair in a name or an address: told by its number
        return json.dumps(told)


def tell(log: logging.Logger, message: str, facts: dict[str, Any]) -> None:
    """Log facts at level info, where anybody listens; the caller is not looked for, which costs more than the line."""
    if log.isEnabledFor(logging.INFO):
        record = logging.LogRecord(log.name, logging.INFO, "", 0, message, None, None)
        record.facts = facts
        log.handle(record)


def install(level: str) -> None:
    """Log everything of gridgeo from this level on as JSON lines on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("gridgeo")
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(level.upper())
    # no line tells them, and they are looked up for every one
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
