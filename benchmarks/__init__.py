"""Measurements: speed and quality, beside peers in the same run."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path


def peak_mib() -> int:
    """Most memory this process held since the last call (since its start where the kernel cannot be asked anew)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    return most
