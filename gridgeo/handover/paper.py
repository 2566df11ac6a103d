"""Sheets of paper: a PDF of pages with one embedded typeface, drawn in points from the lower left corner.

The same calls give the same bytes: no day or hour is kept in the file.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import shapely

from gridgeo.core.model import Flags, Objects
from gridgeo.handover.typeface import LOST, Typeface

A4 = (595.28, 841.89)
"""Width and height of a standing sheet, points."""
MM = 72 / 25.4
INK, GRAY, FAINT, RED = "#1f2a33", "#6b757d", "#d5dade", "#b3131f"
QUIET_ZONE = 4
"""Light squares around a QR code (ISO/IEC 18004, section 6.3.8)."""
_WORDS = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]+[^\w\s]*\s*|\s+|.", re.DOTALL)

Side = Literal["left", "middle", "right"]


class Paper:
    """A document being drawn, page by page.

    Parameters
    ----------
    face
        Typeface of all texts.
    title
        Title kept in the file.
    lang
        Language kept in the file, as en or zh-CN.
    lying
        Sheets lie (landscape) instead of standing.
    """

    def __init__(self, face: Typeface, *, title: str, lang: str = "en", lying: bool = True) -> None:
        from reportlab import rl_config
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85 = 0  # pages as bytes, not as text a quarter longer
        self.font = f"Gridgeo{hashlib.sha256(face.data).hexdigest()[:12]}"
        self._boxes = dict.fromkeys(map(ord, face.lost), LOST)
        if self.font not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(self.font, io.BytesIO(face.data)))
        self.width, self.height = A4[::-1] if lying else A4
        self._bytes = io.BytesIO()
        self._canvas: Any = Canvas(
            self._bytes, pagesize=(self.width, self.height), invariant=1, pageCompression=1, lang=lang,
            initialFontName=self.font,
        )  # fmt: skip
        self._canvas.setTitle(title)
        self._canvas.setCreator("gridgeo")

    def page(self, name: str = "", entry: str = "", level: int = 0) -> None:
        """Name the page for links, and list it in the contents that readers show beside it."""
        if name:
            self._canvas.bookmarkPage(name)
        if name and entry:
            self._canvas.addOutlineEntry(entry, name, level, closed=level > 0)

    def turn(self) -> None:
        """End the page."""
        self._canvas.showPage()

    def finished(self) -> bytes:
        """The document."""
        self._canvas.save()
        return self._bytes.getvalue()

    def link(self, name: str, x: float, y: float, width: float, height: float) -> None:
        """Lead from a rectangle to the page of a name."""
        self._canvas.linkRect("", name, (x, y, x + width, y + height), relative=0, thickness=0)

    def measure(self, text: str, size: float) -> float:
        """Width of a text, points."""
        from reportlab.pdfbase import pdfmetrics

        return float(pdfmetrics.stringWidth(self._clean(text), self.font, size))

    def text(
        self, x: float, y: float, text: str, size: float = 8, *, color: str = INK, side: Side = "left",
        bold: bool = False, angle: float = 0.0, halo: bool = False,
    ) -> None:  # fmt: skip
        """A line of text: `side` tells which end or middle of it is at x, y its foot; `halo` a white rim."""
        text = self._clean(text)
        x0 = -{"left": 0.0, "middle": 0.5, "right": 1.0}[side] * self.measure(text, size)
        if angle:
            self._canvas.saveState()
            self._canvas.translate(x, y)
            self._canvas.rotate(angle)
            x, y = 0.0, 0.0
        if halo:
            self._write(x + x0, y, text, size, "#ffffff", size / 3.5)
        self._write(x + x0, y, text, size, color, size / 28 if bold else 0.0)
        if angle:
            self._canvas.restoreState()

    def _write(self, x: float, y: float, text: str, size: float, color: str, rim: float) -> None:
        """Text with a rim of its own color around each stroke."""
        if rim:
            self._canvas.saveState()  # the way letters are filled stays in force until the state is left
            self._pen("", color, rim)
        run = self._canvas.beginText(x, y)
        run.setFont(self.font, size)
        run.setTextRenderMode(2 if rim else 0)
        run.setFillColor(_color(color))
        run.textOut(text)
        self._canvas.drawText(run)
        if rim:
            self._canvas.restoreState()

    def fitted(self, text: str, size: float, width: float) -> str:
        """The text, its end cut off and marked where it is wider than `width` points."""
        text = self._clean(text)
        if self.measure(text, size) <= width:
            return text
        while text and self.measure(text + "…", size) > width:
            text = text[:-1]
        return text + "…"

    def wrapped(self, text: str, size: float, width: float, most: int) -> list[str]:
        """The text in at most `most` lines, broken between words or Chinese characters; the last may be cut."""
        lines, line = [], ""
        for piece in _WORDS.findall(self._clean(text)):
            if line and self.measure(line + piece.rstrip(), size) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
        if len(lines) > most:
            lines[most - 1] = "".join(lines[most - 1 :])
        return [self.fitted(line, size, width) for line in lines[:most]]

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str = "", edge: str = "", line: float = 0.5
    ) -> None:
        """A rectangle, filled, edged or both."""
        self._pen(fill, edge, line)
        self._canvas.rect(x, y, width, height, stroke=int(bool(edge)), fill=int(bool(fill)))

    def disc(self, x: float, y: float, radius: float, *, fill: str = "", edge: str = "", line: float = 0.5) -> None:
        """A disc or ring."""
        self._pen(fill, edge, line)
        self._canvas.circle(x, y, radius, stroke=int(bool(edge)), fill=int(bool(fill)))

    def areas(self, shapes: Objects, *, fill: str = "", edge: str = "", line: float = 0.5) -> None:
        """Polygons in page points, holes left open."""
        if not len(shapes):
            return
        self._pen(fill, edge, line)
        rings = shapely.get_rings(shapely.get_parts(shapes[shapely.get_dimensions(shapes) >= 2]))
        self._trace(rings, close=True, fill=bool(fill), stroke=bool(edge))

    def lines(self, shapes: Objects, color: str, line: float, *, dash: Sequence[float] = ()) -> None:
        """Lines, or outlines of polygons, in page points."""
        if not len(shapes):
            return
        self._pen("", color, line)
        self._canvas.setDash(list(dash))
        flat = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
        parts = shapely.get_parts(flat)
        self._trace(parts[shapely.get_dimensions(parts) == 1], close=False, fill=False, stroke=True)
        self._canvas.setDash([])

    def qr(self, dark: Flags, x: float, y: float, size: float) -> None:
        """A QR code with its quiet zone in a square whose lower left corner is at x, y."""
        step = size / (len(dark) + 2 * QUIET_ZONE)
        self.box(x, y, size, size, fill="#ffffff")
        bars = []
        for row, squares in enumerate(dark):
            edges = np.flatnonzero(np.diff(np.r_[False, squares, False]))
            foot = y + size - (row + 1 + QUIET_ZONE) * step
            for begin, end in edges.reshape(-1, 2).tolist():
                bars.append(
                    f"{x + (begin + QUIET_ZONE) * step:.3f} {foot:.3f} {(end - begin) * step:.3f} {step:.3f} re"
                )
        self._pen("#000000", "", 0)
        self._canvas.addLiteral(" ".join([*bars, "f"]))

    def clipped(self, x: float, y: float, width: float, height: float) -> None:
        """Draw inside a rectangle only, until `free`."""
        self._canvas.saveState()
        path = self._canvas.beginPath()
        path.rect(x, y, width, height)
        self._canvas.clipPath(path, stroke=0, fill=0)

    def free(self) -> None:
        """Draw anywhere again."""
        self._canvas.restoreState()

    def _clean(self, text: str) -> str:
        """Text without signs that print nothing, with a box for each that no font has."""
        return _printed(text).translate(self._boxes)

    def _pen(self, fill: str, edge: str, line: float) -> None:
        if fill:
            self._canvas.setFillColor(_color(fill))
        if edge:
            self._canvas.setStrokeColor(_color(edge))
            self._canvas.setLineWidth(line)
            self._canvas.setLineJoin(1)
            self._canvas.setLineCap(1)

    def _trace(self, lines: Objects, *, close: bool, fill: bool, stroke: bool) -> None:
        """One path of all lines, written as the operators of PDF; holes are left open by the even-odd rule."""
        xy, of = shapely.get_coordinates(lines, return_index=True)
        if not len(xy):
            return
        last = np.r_[of[1:] != of[:-1], True]
        begin = np.r_[True, last[:-1]]
        steps = [
            f"{x:.2f} {y:.2f} {'m' if first else 'l'}{' h' if end and close else ''}"
            for (x, y), first, end in zip(xy.tolist(), begin.tolist(), last.tolist(), strict=True)
        ]
        paint = {(True, True): "B*", (True, False): "f*", (False, True): "S"}[fill, stroke]
        self._canvas.addLiteral(" ".join([*steps, paint]))


@lru_cache(maxsize=64)
def _color(name: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(name)


@lru_cache(maxsize=4096)
def _printed(text: str) -> str:
    """Text without signs that print nothing or turn the line around."""
    return "".join(sign if unicodedata.category(sign)[0] != "C" else (" " if sign in "\t\n\r" else "") for sign in text)
