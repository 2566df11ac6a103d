"""Addresses of databases: postgresql://user@host:port/database?schema=town."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gridgeo.errors import InputError

SCHEMES = ("postgresql", "postgres")
DEFAULT_SCHEMA = "gridgeo"
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Address:
    """What to connect with, the schema of the project, and the address without its password for messages."""

    conninfo: str
    schema: str
    shown: str


def parse(url: str) -> Address:
    """The parts of an address; everything but `schema` goes to PostgreSQL as it is.

    Raises
    ------
    InputError
        It cannot be read, or the schema is no plain name.

    Examples
    --------
    >>> parse("postgresql://post:secret@db/town?schema=east&sslmode=require").shown
    'postgresql://post@db/town?schema=east'
    """
    try:
        parts = urlsplit(url)
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise InputError(f"the address cannot be read: {error}", where="project") from None
    schemas = [text for key, text in options if key == "schema"]
    schema = schemas[-1] if schemas else DEFAULT_SCHEMA
    if not _SCHEMA.fullmatch(schema) or schema.startswith("pg_"):
        raise InputError(f"a schema cannot be named {schema!r}", where="schema", hint="use a-z 0-9 _, not pg_ first")
    rest = urlencode([(key, text) for key, text in options if key != "schema"])
    user = f"{parts.username}@" if parts.username else ""
    shown = f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}?schema={schema}"
    return Address(urlunsplit((parts.scheme, parts.netloc, parts.path, rest, "")), schema, shown)
