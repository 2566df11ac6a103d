"""How hard tests that search at random try: all the way in CI, a quarter of it for people who wait."""

from __future__ import annotations

import os


def examples(thorough: int) -> int:
    """Number of random examples to run, of the number that CI runs."""
    return thorough if os.environ.get("CI") else max(5, thorough // 4)
