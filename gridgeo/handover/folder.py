"""A folder put in its place in one step: whole or not at all, and never over work that is not ours."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from gridgeo.errors import InputError

MANIFEST = "manifest.json"
KIND = "gridgeo handover 1"
_CHUNK = 1 << 20


@contextmanager
def placed_folder(path: Path) -> Iterator[Path]:
    """Name of an empty folder beside a place; what was written there is put in the place when all went well.

    An earlier hand-over in the place is replaced when nothing was added to it or changed in it since. When anything
    fails the place holds what it held, and nothing is left beside it.

    Raises
    ------
    InputError
        The place holds something else, or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home:
    ...     with placed_folder(Path(home, "town")) as part:
    ...         _ = Path(part, "a.txt").write_text("all of it")
    ...     sorted(file.name for file in Path(home, "town").iterdir())
    ['a.txt', 'manifest.json']
    """
    path = path.absolute()
    require_ours(path)
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = Path(mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        yield part
        _seal(part)
        require_ours(path)  # somebody may have worked in it meanwhile
        _exchange(part, path)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", where=str(path)) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def require_ours(path: Path) -> None:
    """Refuse a place that holds anything but a hand-over just as it was written.

    Raises
    ------
    InputError
        It is no folder or cannot be read, or there are files in it that nobody would want replaced; they are named.
    """
    try:
        _require_ours(path)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=error.filename or str(path)) from error


def _require_ours(path: Path) -> None:
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_dir():
        raise InputError("this is no folder", where=str(path), hint="name another place")
    present = {file.relative_to(path).as_posix() for file in _files(path)}
    if not present:
        return
    listed = _listed(path)
    if listed is None:
        hint = "name an empty or a new folder"
        raise InputError("the folder holds files that are no hand-over", where=str(path), hint=hint)
    foreign = sorted(name for name in present - {MANIFEST} if listed.get(name) != _digest(path / name))
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise InputError(
            f"added or changed since the last hand-over: {', '.join(foreign[:3])}{more}", where=str(path),
            hint="move them away, or name another folder",
        )  # fmt: skip


def _files(path: Path) -> Iterator[Path]:
    """Everything below a folder that is no folder itself; one that cannot be read is an error."""
    for child in path.iterdir():
        if child.is_dir() and not child.is_symlink():
            yield from _files(child)
        else:
            yield child


def _listed(path: Path) -> dict[str, str] | None:
    """SHA-256 of each file of a hand-over as its manifest says, None where there is no manifest of ours."""
    try:
        said: Any = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        return {str(f["name"]): str(f["sha256"]) for f in said["files"]} if said["kind"] == KIND else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _seal(part: Path) -> None:
    """Write the manifest, and wait until everything is on disk."""
    files = sorted(file for file in part.rglob("*") if file.is_file())
    listed = [
        {"name": file.relative_to(part).as_posix(), "bytes": file.stat().st_size, "sha256": _digest(file)}
        for file in files
    ]
    text = json.dumps({"kind": KIND, "files": listed}, ensure_ascii=False, indent=1)
    (part / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for place in (*files, part / MANIFEST, *(p for p in part.rglob("*") if p.is_dir()), part):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o777 & ~mask)


def _exchange(part: Path, path: Path) -> None:
    """Put the part in the place; an earlier one steps aside first, and comes back should that fail."""
    if not path.exists():
        part.rename(path)
        return
    aside = Path(mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
    old = aside / path.name
    path.rename(old)
    try:
        part.rename(path)
    except OSError:
        old.rename(path)
        aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _digest(file: Path) -> str:
    if file.is_symlink() or not file.is_file():
        return ""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
