"""Files put in their place in one step: a reader sees the old file or the new one, whole, whatever happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

from gridgeo.errors import InputError


@contextmanager
def placed(path: str | Path) -> Iterator[Path]:
    """Name of an empty file beside a place; what was written there is put in the place when all went well.

    The content is on disk before the name changes, and the name before this ends. When anything fails, the place
    holds what it held and nothing is left beside it.

    Raises
    ------
    InputError
        The place cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with placed(Path(folder, "a.txt")) as part:
    ...         _ = part.write_text("all of it")
    ...     [name.name for name in Path(folder).iterdir()]
    ['a.txt']
    """
    path = Path(path)
    part: Path | None = None
    try:
        handle, name = mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        part = Path(name)
        part.chmod(0o666 & ~_umask())
        yield part
        _sync(part)
        part.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", where=str(path)) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
