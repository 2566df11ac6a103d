"""Places to write to, looked at before the work starts: an hour of drawing must not end at a missing folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class OutputFile(click.Path):
    """A file to write, in a folder that is there, under a name that says what it will be.

    Parameters
    ----------
    suffixes
        Endings of the name, the usual one first.
    """

    def __init__(self, *suffixes: str) -> None:
        super().__init__(path_type=Path)
        self.suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; a place that cannot be written is wrong usage."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if path.is_dir():
            self.fail(f"{path} is a folder; name a file in it", param, ctx)
        if not path.name.lower().endswith(self.suffixes):
            self.fail(f"{path} must end in {self.suffixes[0]}, as what is written", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}; make it first", param, ctx)
        if not os.access(path.parent, os.W_OK):
            self.fail(f"the folder {path.parent} cannot be written to; choose another", param, ctx)
        return path


class OutputFolder(click.Path):
    """A folder to fill, made when it is not there."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; a place where no folder can be is wrong usage."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        present = next((place for place in (path, *path.absolute().parents) if place.exists()), path)
        if not present.is_dir():
            self.fail(f"{present} is a file; name a folder", param, ctx)
        if not os.access(present, os.W_OK):
            self.fail(f"the folder {present} cannot be written to; choose another", param, ctx)
        return path


GEOPACKAGE = OutputFile(".gpkg")
GEOJSON = OutputFile(".geojson", ".json")
FOLDER = OutputFolder()
