"""If-Match: a change says which state it was made from, or is not made."""

from __future__ import annotations

from flask import request

from gridgeo.errors import ConflictError
from gridgeo.ports import PlanRecord
from gridgeo.web.encode import etag
from gridgeo.web.problems import BlindError


def plan_tag(record: PlanRecord) -> str:
    """Strong ETag of a version: its name, and what of it may still change after a `+`.

    >>> plan_tag(PlanRecord(id="main", version=2, created="2026-11-21T09:00:00Z", note=""))
    '"main@2"'
    """
    standing = f"+{record.valid_from}.{record.valid_to}" if record.valid_from else ""
    return f'"{record.name}{standing}"'


def require_plan(record: PlanRecord) -> None:
    """Refuse a change of a plan that was not made from this version.

    Raises
    ------
    BlindError
        The request has no If-Match.
    ConflictError
        It names another version.
    """
    asked = _asked(record.name)
    if asked is not None and record.name not in {tag.partition("+")[0] for tag in asked}:
        raise ConflictError(
            f"plan {record.id} is at version {record.version}", where=record.id,
            hint="read the latest version and carry the changes over",
        )  # fmt: skip


def require_feature(written: bytes, code: str) -> None:
    """Refuse a change of a feature that was not made from these bytes of it, however they were read: see `etag_of`.

    Raises
    ------
    BlindError
        The request has no If-Match.
    ConflictError
        It names another state.
    """
    asked = _asked(code)
    if asked is not None and etag(written).strip('"') not in {tag.partition("-")[0] for tag in asked}:
        raise ConflictError(f"{code} has changed", where=code, hint="read it again and carry the changes over")


def _asked(where: str) -> set[str] | None:
    """ETags of If-Match without quotes, None for any; weak and unquoted ones do not count."""
    given = request.headers.get("If-Match", "")
    if not given.strip():
        raise BlindError("If-Match is missing", where=where, hint="send the ETag you read")
    if given.strip() == "*":
        return None
    tags = {tag.strip() for tag in given.split(",")}
    return {tag.strip('"').removesuffix("-gzip") for tag in tags if tag.startswith('"')}
