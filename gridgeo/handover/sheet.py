"""One page that shows how sound a territory is: map, households of its atoms, and what was noticed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Objects, Territory
from gridgeo.errors import InputError
from gridgeo.handover.picture import (
    INK,
    PAPER,
    QUIET,
    Painter,
    fill_shapes,
    fonts,
    line_shapes,
    paint_atoms,
    paint_ground,
    paint_outlines,
    scale_bar,
)
from gridgeo.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridgeo.core.territory import Diagnosis

SUFFIXES = (".png", ".pdf")
FAULT, UNKNOWN = "#c1121f", "#b8b8b8"
LINE_CHARACTERS = 58
MOST_LINES = 34
PAGE_IN = (11.69, 8.27)
"""A4, lying."""


def save_sheet(
    path: Path, territory: Territory, diagnosis: Diagnosis, sentences: Sequence[str], *, lang: str = "en"
) -> None:
    """Paint the page.

    Parameters
    ----------
    path
        PNG or PDF to write.
    territory, diagnosis
        What is shown.
    sentences
        What was noticed, in words; those that do not fit are counted.
    lang
        Language of titles, en or zh.

    Raises
    ------
    InputError
        The file is neither a PNG nor a PDF, or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if path.suffix.lower() not in SUFFIXES:
        raise InputError("a picture is a .png or .pdf file", where=str(path))
    figure = Figure(figsize=PAGE_IN, dpi=150, facecolor=PAPER)
    FigureCanvasAgg(figure)
    family = fonts(territory.name + "".join(sentences) + say("picture-atoms", lang))
    figure.text(0.03, 0.955, territory.name, fontsize=15, color=INK, family=family, va="center")
    _map(figure.add_axes((0.02, 0.06, 0.6, 0.87)), territory, diagnosis)
    _histogram(figure.add_axes((0.665, 0.68, 0.31, 0.22)), territory, diagnosis, family, lang)
    figure.text(0.03, 0.035, say("picture-legend", lang), fontsize=7.2, color=INK, family=family)
    told = "\n".join(_wrapped(sentences, lang))
    figure.text(0.64, 0.58, told, fontsize=7.2, color=INK, family=family, va="top", linespacing=1.35)
    try:
        figure.savefig(path, metadata={"Software": None} if path.suffix == ".png" else {"CreationDate": None})
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", where=str(path)) from error


def _map(axes: Axes, territory: Territory, diagnosis: Diagnosis) -> None:
    x0, y0, x1, y1 = territory.boundary.bounds
    margin = 0.03 * max(x1 - x0, y1 - y0)
    axes.set(xlim=(x0 - margin, x1 + margin), ylim=(y0 - 2 * margin, y1 + margin), aspect="equal", anchor="W")
    axes.axis("off")
    painters: list[Painter] = [
        paint_atoms(territory),
        paint_ground(territory, quiet=True),
        paint_outlines(territory.communities.geometry, color=INK, width=1.0),
        paint_outlines(np.array([territory.boundary], dtype=object), color=QUIET),
    ]
    for paint in painters:
        paint(axes)
    atoms = territory.atoms.geometry
    fill_shapes(axes, atoms[diagnosis.null], UNKNOWN, edge="white", width=0.3, z=4)
    fill_shapes(axes, atoms[diagnosis.giants], "none", edge=FAULT, width=1.4, z=11)
    line_shapes(axes, _apart(territory), FAULT, 1.0, z=10)
    scale_bar(axes, x0, y0 - 1.3 * margin, x1 - x0)


def _apart(territory: Territory) -> Objects:
    """Street edges that are not joined to the longest piece of the network."""
    streets = territory.streets
    if not len(streets):
        return streets.geometry
    piece = components(streets.nodes, streets.tail, streets.head)[streets.tail]
    main = int(np.argmax(np.bincount(piece, weights=streets.length_mm)))
    inside = shapely.intersects(streets.geometry, territory.boundary)
    apart: Objects = streets.geometry[(piece != main) & inside]
    return apart


def _histogram(axes: Axes, territory: Territory, diagnosis: Diagnosis, family: list[str], lang: str) -> None:
    counts = territory.atoms.households[territory.atoms.known & (territory.atoms.households > 0)]
    axes.set_facecolor(PAPER)
    if len(counts):
        top = max(int(np.quantile(counts, 0.99)), diagnosis.band[1] + 50, 1)
        axes.hist(np.minimum(counts, top), bins=np.linspace(0, top, 41).tolist(), color="#4a90a4", linewidth=0)
    for limit in diagnosis.band:
        axes.axvline(limit, color=FAULT, lw=1, ls="dashed")
    axes.set_title(say("picture-atoms", lang), fontsize=8.5, color=INK, family=family, loc="left")
    axes.set_xlabel(say("picture-households", lang), fontsize=7.5, color=INK, family=family)
    axes.tick_params(labelsize=7, colors=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _wrapped(sentences: Sequence[str], lang: str) -> list[str]:
    """Lines of the list, and a last one that counts what did not fit."""
    width = LINE_CHARACTERS if lang == "en" else LINE_CHARACTERS // 2
    lines: list[str] = []
    for number, sentence in enumerate(sentences):
        wrapped = textwrap.wrap(sentence, width, initial_indent="· ", subsequent_indent="  ") or [""]
        if len(lines) + len(wrapped) > MOST_LINES:
            return [*lines, say("picture-more", lang, count=len(sentences) - number)]
        lines += wrapped
    return lines
