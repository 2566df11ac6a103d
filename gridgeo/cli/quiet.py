"""Keep standard output for our own document: what native libraries print goes to standard error."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_output_on_stderr() -> Iterator[None]:
    """Send what C code prints to standard error while the block runs.

    The integer programming solver prints a diagnostic no option turns off; in `--json` it would break the document.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        ctypes.CDLL("msvcrt" if os.name == "nt" else None).fflush(None)  # C has a buffer of its own
        os.dup2(kept, 1)
        os.close(kept)
