"""One typeface for printed pages: every character from the first font that has it, embedded wherever it is read.

Latin and Chinese come from Noto Sans SC (SIL Open Font License 1.1), which the package `pylopdf-fonts-zh-cn` carries
as a plain file; other scripts come from the fonts of the machine. Only the characters of a document are taken over.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridgeo.errors import InputError
from gridgeo.words import LANGUAGES, say
from gridgeo.words.handover import HANDOVER

if TYPE_CHECKING:
    from gridgeo.core.model import Plan
    from gridgeo.handover.register import Entry

UNITS = 1000
"""Units of the em square of the typeface made."""
ASCENT, DESCENT = 880, -120
FIRST_DAY_S = 2_398_377_600
"""1 January 1980 in the seconds of fonts, kept as the day of making: the same letters give the same bytes."""
LOST = "\u25a1"
"""Drawn for a character that no font has."""
LAST_RESORT = "LastResort"
"""A font that has a mark for every character and shows none."""
ALWAYS = "".join(map(chr, range(32, 127))) + LOST


def signs_of(plan: Plan, entries: Sequence[Entry]) -> str:
    """Every character that pages about a plan may print, in both languages, each once."""
    land = plan.territory
    layers = (land.communities, land.compounds, land.exclusive, land.places, land.emergency_units)
    texts = [str(text) for layer in layers for column in (layer.code, layer.name) for text in column.tolist()]
    texts += [*land.streets.name.tolist(), land.name]
    texts += [str(value) for entry in entries for value in vars(entry).values()]
    texts += [text for pair in HANDOVER.values() for text in pair]
    texts += [say(word, lang) for word in ("yes", "no") for lang in LANGUAGES]
    return "".join(sorted(set().union(*texts)))


@dataclass(frozen=True, kw_only=True)
class Typeface:
    """A TrueType font as bytes, and the characters that no font of this machine has."""

    data: bytes
    lost: str


def typeface(text: str, *, chosen: Path | None = None) -> Typeface:
    """A typeface with every character of a text; the same text and fonts give the same bytes.

    Parameters
    ----------
    text
        All characters that will be printed, in any order.
    chosen
        A TrueType or OpenType font to take characters from first.

    Raises
    ------
    InputError
        The chosen file is no font that can be read.
    """
    wanted = sorted({sign for sign in text + ALWAYS if unicodedata.category(sign)[0] != "C"})
    return _made("".join(wanted), chosen)


@lru_cache(maxsize=4)
def _made(wanted: str, chosen: Path | None) -> Typeface:
    from fontTools.fontBuilder import FontBuilder

    glyphs: dict[str, Any] = {}
    widths: dict[str, tuple[int, int]] = {}
    names: dict[int, str] = {}
    left = wanted
    for font in _fonts(chosen):
        left = _take(font, left, glyphs, widths, names)
        font.close()
        if not left:
            break
    if ".notdef" not in glyphs:
        glyphs[".notdef"], widths[".notdef"] = glyphs[names[ord(LOST)]], widths[names[ord(LOST)]]
    for sign in left:
        names[ord(sign)] = names[ord(LOST)]
    order = [".notdef", *sorted(name for name in glyphs if name != ".notdef")]
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: widths[name] for name in order})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    name = f"Gridgeo{hashlib.sha256(repr((wanted, chosen)).encode()).hexdigest()[:12]}"  # unlike that of other letters
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT, usWinAscent=ASCENT, usWinDescent=-DESCENT)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = FIRST_DAY_S
    builder.font.recalcTimestamp = False
    out = io.BytesIO()
    builder.save(out)
    return Typeface(data=out.getvalue(), lost=left)


def _take(
    font: Any, wanted: str, glyphs: dict[str, Any], widths: dict[str, tuple[int, int]], names: dict[int, str]
) -> str:
    """Take the wanted characters that a font has, as quadratic outlines on our em square; returns those it has not."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    known, shapes = font.getBestCmap() or {}, font.getGlyphSet()
    scale = UNITS / font["head"].unitsPerEm
    cubic = "glyf" not in font
    for sign in wanted:
        if (source := known.get(ord(sign))) is None:
            continue
        name = f"uni{ord(sign):06X}"
        pen = TTGlyphPen(None)
        _draw(shapes, source, Cu2QuPen(pen, 1.0, reverse_direction=True) if cubic else pen, scale)
        glyph = pen.glyph()
        glyph.recalcBounds(None)
        glyphs[name], names[ord(sign)] = glyph, name
        widths[name] = (round(shapes[source].width * scale), getattr(glyph, "xMin", 0))
    return "".join(sign for sign in wanted if ord(sign) not in known)


def _draw(shapes: Any, name: str, pen: Any, scale: float) -> None:
    """Draw a glyph with a pen, its parts put together, larger or smaller by `scale`."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.transformPen import TransformPen

    if scale != 1:
        pen = TransformPen(pen, (scale, 0, 0, scale, 0, 0))
    if "CFF " in shapes.font:  # whose glyphs have no parts
        shapes[name].draw(pen)
        return
    record = DecomposingRecordingPen(shapes)
    shapes[name].draw(record)
    record.replay(pen)


def _fonts(chosen: Path | None) -> Iterator[Any]:
    """Fonts in the order characters are looked for: the chosen one, Noto Sans SC, DejaVu Sans, the machine's own."""
    if chosen is not None:
        yield _opened(chosen)
    yield _opened(chinese_font())
    for path in _others():
        try:
            yield _opened(path)
        except InputError:
            continue  # a font of the machine that cannot be read has no characters for us


def chinese_font() -> Path:
    """The file of Noto Sans SC, as its package carries it."""
    from pylopdf_fonts_zh_cn import sans_path

    path: Path = sans_path()
    return path


def _others() -> Iterable[Path]:
    """DejaVu Sans, which comes with matplotlib, then every font of the machine by name."""
    import matplotlib
    from matplotlib import font_manager

    yield Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    known = {Path(entry.fname) for entry in font_manager.fontManager.ttflist}
    yield from sorted(path for path in known if not path.name.startswith(LAST_RESORT))


def _opened(path: Path) -> Any:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        font = TTFont(path, fontNumber=0, lazy=True)
        if not {"cmap", "head", "hmtx"} <= set(font.keys()) or not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
            raise InputError(
                "the file is no font with outlines", where=str(path), hint="name a .ttf, .otf or .ttc file"
            )
        return font
    except (OSError, TTLibError) as error:
        raise InputError(
            f"the font cannot be read: {error}", where=str(path), hint="name a .ttf, .otf or .ttc file"
        ) from error
