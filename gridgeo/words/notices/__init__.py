"""Sentences of the notices the core and the readers report: (English, Chinese)."""

from __future__ import annotations

from gridgeo.words.notices.plans import PLANS
from gridgeo.words.notices.rounds import ROUNDS
from gridgeo.words.notices.sources import SOURCES

NOTICES: dict[str, tuple[str, str]] = PLANS | ROUNDS | SOURCES
