"""Settings of the service: one frozen value, and the only place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from gridgeo.errors import InputError

PREFIX = "GRIDGEO_"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a running service is told from outside.

    Each field is read from the environment variable GRIDGEO_ plus its name in capitals.

    Parameters
    ----------
    project
        Store to serve: path of a GeoPackage.
    host, port
        Address to listen on.
    workers
        Server processes.
    threads
        Threads of each server process.
    lang
        Language of the pages, "zh" or "en"; empty follows the reader's browser.
    max_body
        Largest request body, bytes.
    max_depth
        Deepest nesting of a JSON body.
    max_items
        Most features of one page.
    max_points
        Most points of one bulk question.
    max_seconds
        Longest a process may compute, seconds.

    Examples
    --------
    >>> Settings(project="town.gpkg").port
    8000
    """

    project: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 2
    lang: str = ""
    max_body: int = 2_000_000
    max_depth: int = 32
    max_items: int = 10_000
    max_points: int = 10_000
    max_seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.lang not in ("", "en", "zh"):
            raise InputError(f"lang is {self.lang}", where="GRIDGEO_LANG", hint="en, zh or empty")
        if not 0 < self.port < 65536:
            raise InputError(f"port is {self.port}", where="GRIDGEO_PORT", hint="1 to 65535")
        for name in ("workers", "threads", "max_body", "max_depth", "max_items", "max_points", "max_seconds"):
            value = getattr(self, name)
            if not value > 0:
                raise InputError(f"{name} is {value}", where=PREFIX + name.upper(), hint="give a number above 0")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from environment variables; what is not set keeps its default.

        Raises
        ------
        InputError
            A variable is not a number where one is wanted, or out of range.

        Examples
        --------
        >>> Settings.from_env({"GRIDGEO_PORT": "8080"}).port
        8080
        """
        source = os.environ if environ is None else environ
        given: dict[str, str | int | float] = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if name in source:
                given[field.name] = _read(name, source[name], type(field.default))
        return cls(**given)  # type: ignore[arg-type]

    def to_env(self) -> dict[str, str]:
        """The environment variables that make these settings again, for server processes.

        >>> Settings(port=8080).to_env()["GRIDGEO_PORT"]
        '8080'
        """
        return {PREFIX + field.name.upper(): str(getattr(self, field.name)) for field in fields(self)}

    def hand_on(self) -> None:
        """Put these settings into this process's environment, for the server processes it starts."""
        os.environ.update(self.to_env())


def _read(name: str, text: str, kind: type) -> str | int | float:
    try:
        value: str | int | float = kind(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}", where=name, hint=f"give a number ({kind.__name__})") from None
    return value
