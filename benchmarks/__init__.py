"""Measurements: speed and quality, beside peers in the same run."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def files_in(paths: Iterable[Path], *suffixes: str) -> list[Path]:
    """Files among paths: those named are taken as they are, those in folders by suffix, in the order of their names.

    Raises
    ------
    FileNotFoundError
        Paths were given, and none holds such a file: made instances in their place would mislead.
    """
    asked = list(paths)
    found: list[Path] = []
    for path in asked:
        inside = sorted(file for file in path.rglob("*") if file.name.endswith(suffixes) and file.is_file())
        found += inside if path.is_dir() else [path]
    if asked and not found:
        raise FileNotFoundError(f"no file *{', *'.join(suffixes)} in {', '.join(map(str, asked))}")
    return found


def peak_mib() -> int:
    """Most memory this process held since the last call (since its start where the kernel cannot be asked anew)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    return most
