"""Settings of the service: one frozen value, and the only place that reads the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from gridgeo.errors import InputError

PREFIX = "GRIDGEO_"
FILE = PREFIX + "SETTINGS"
"""Variable that names the settings file."""

_CHOICES = {
    "lang": ("", "en", "zh"),
    "server": ("granian", "waitress"),
    "log": ("debug", "info", "warning", "error"),
}
_MAY_BE_ZERO = ("workers", "rate", "memory_mb")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a running service is told from outside.

    Each field is read from the environment variable GRIDGEO_ plus its name in capitals, or from the field's name in a
    TOML file that GRIDGEO_SETTINGS names; the environment comes first.

    Parameters
    ----------
    project
        Store to serve: path of a GeoPackage, or the address of a database.
    host, port
        Address to listen on.
    hosts
        Names this server is called by beside its own address, comma-separated.
    server
        "granian", or "waitress" where granian does not run.
    cors
        Origins whose pages may read, with commas: "https://maps.example"; empty for none.
    workers
        Server processes; 0 for one a core, two at most.
    shared
        Folder through which the processes of one server share how often somebody asked and what each has counted;
        empty for one made while they serve.
    threads
        Threads of each server process.
    grace_s
        Longest wait for requests under way when stopped, seconds.
    lang
        Language of the pages, "zh" or "en"; empty follows the reader's browser.
    log
        Least level that is logged: "debug", "info" (every request), "warning", "error".
    rate
        Requests a second of one key, or without keys of one address; 0 for 200 of a key and no limit without keys.
    max_body
        Largest request body, bytes.
    max_depth
        Deepest nesting of a JSON body.
    max_items
        Most features of one page.
    max_points
        Most points of one bulk question.
    max_vertices
        Most vertices of the geometries in one body.
    max_edits
        Most edits of one batch.
    max_seconds
        Longest a process answered at once may compute, seconds.
    max_jobs
        Most jobs waiting and running at a time.
    job_seconds
        Longest a job may compute, seconds.
    memory_mb
        Memory a computing process may take, MiB; 0 for no limit.

    Examples
    --------
    >>> Settings(project="town.gpkg").port
    8000
    """

    project: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    hosts: str = ""
    cors: str = ""
    server: str = "granian"
    workers: int = 0
    shared: str = ""
    threads: int = 2
    grace_s: float = 10.0
    lang: str = ""
    log: str = "info"
    rate: float = 0.0
    max_body: int = 2_000_000
    max_depth: int = 32
    max_items: int = 10_000
    max_points: int = 10_000
    max_vertices: int = 200_000
    max_edits: int = 1_000
    max_seconds: float = 60.0
    max_jobs: int = 20
    job_seconds: float = 3600.0
    memory_mb: int = 4096

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                hint = ", ".join(choice or "empty" for choice in choices)
                raise InputError(f"{name} is {getattr(self, name)}", where=PREFIX + name.upper(), hint=hint)
        if not 0 < self.port < 65536:
            raise InputError(f"port is {self.port}", where="GRIDGEO_PORT", hint="1 to 65535")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                continue
            least = 0 if field.name in _MAY_BE_ZERO else 1e-9
            if not least <= value < float("inf"):
                hint = "give 0 or more" if field.name in _MAY_BE_ZERO else "give a number above 0"
                raise InputError(f"{field.name} is {value}", where=PREFIX + field.name.upper(), hint=hint)

    @property
    def names(self) -> tuple[str, ...]:
        """Names this server is called by beside its own address.

        >>> Settings(hosts="grids.example, localhost").names
        ('grids.example', 'localhost')
        """
        return tuple(name.strip() for name in self.hosts.split(",") if name.strip())

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of other pages that may read.

        >>> Settings(cors="https://maps.example").origins
        ('https://maps.example',)
        """
        return tuple(origin.strip().rstrip("/") for origin in self.cors.split(",") if origin.strip())

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from environment variables and the file they name; what is not set keeps its default.

        Raises
        ------
        InputError
            A variable is not a number where one is wanted, or out of range; the file cannot be read.

        Examples
        --------
        >>> Settings.from_env({"GRIDGEO_PORT": "8080"}).port
        8080
        """
        source = os.environ if environ is None else environ
        given: dict[str, str | int | float] = _from_file(source[FILE]) if source.get(FILE) else {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if name in source:
                given[field.name] = _read(name, source[name], type(field.default))
        return cls(**given)  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: str | Path | None = None) -> Settings:
        """Settings of this process: from its environment, and from a file instead of the one that names.

        Raises
        ------
        InputError
            As `from_env`.
        """
        return cls.from_env({**os.environ, **({FILE: str(file)} if file else {})})

    def to_env(self) -> dict[str, str]:
        """The environment variables that make these settings again, for server processes.

        >>> Settings(port=8080).to_env()["GRIDGEO_PORT"]
        '8080'
        """
        return {PREFIX + field.name.upper(): str(getattr(self, field.name)) for field in fields(self)}

    def hand_on(self) -> None:
        """Put these settings into this process's environment, for the server processes it starts."""
        os.environ.update(self.to_env())


def spoken(environ: Mapping[str, str] | None = None) -> str:
    """The locale the environment names, whether or not this machine has it: "" when it names none.

    >>> spoken({"LC_ALL": "", "LANG": "zh_CN.UTF-8"})
    'zh_CN.UTF-8'
    """
    source = os.environ if environ is None else environ
    return next((source[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if source.get(name)), "")


def _from_file(path: str) -> dict[str, str | int | float]:
    """Settings written in a TOML file."""
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the settings file cannot be read: {error}", where=path) from None
    kinds: dict[str, Any] = {field.name: type(field.default) for field in fields(Settings)}
    unknown = sorted(table.keys() - kinds.keys())
    if unknown:
        raise InputError(f"unknown settings: {', '.join(unknown)}", where=path, hint=f"known: {', '.join(kinds)}")
    for name, value in table.items():
        allowed = (int, float) if kinds[name] is float else kinds[name]
        if isinstance(value, bool) or not isinstance(value, allowed):
            raise InputError(f"{name} is {value!r}", where=path, hint=f"give {_named(kinds[name])}")
    return {name: kinds[name](value) for name, value in table.items()}


def _named(kind: type) -> str:
    return {str: "text", int: "a whole number", float: "a number"}[kind]


def _read(name: str, text: str, kind: type) -> str | int | float:
    try:
        value: str | int | float = kind(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}", where=name, hint=f"give {_named(kind)}") from None
    return value
