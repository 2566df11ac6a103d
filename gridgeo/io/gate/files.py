"""Plain files only, opened with our own errors."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gridgeo.errors import InputError


def size_of(path: Path) -> int:
    """Bytes of a plain file.

    Raises
    ------
    InputError
        There is none, or it is a folder, pipe or device.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise InputError("no such file", where=str(path), hint="check the name and the folder") from error
    if stat.S_ISDIR(found.st_mode):
        raise InputError("a folder, not a file", where=str(path), hint="name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise InputError("not a plain file", where=str(path), hint="copy it to a file")
    return found.st_size


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading bytes.

    Raises
    ------
    InputError
        It cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=str(path)) from error
