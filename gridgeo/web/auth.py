"""Who asks, and whether they may: API keys with roles, or everything on this machine where there are no keys."""

from __future__ import annotations

from dataclasses import dataclass

from flask import has_request_context, request

ROLES = ("viewer", "patrol", "planner", "admin")
"""Roles, each of which may do all that the ones before it may."""
CALLER = "gridgeo.caller"


@dataclass(frozen=True)
class Caller:
    """Who asks: the id of a key, or "local" on this machine where there are no keys."""

    name: str = "local"
    role: str = "admin"


def caller() -> Caller:
    """Who asks now."""
    found = request.environ.get(CALLER) if has_request_context() else None
    return found if isinstance(found, Caller) else Caller()
