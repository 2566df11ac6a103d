"""CQL2 text: "households > 400 AND NOT kind = 'rural'"; a reader that goes down one level for each kind of phrase."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import shapely

from gridgeo.web.cql.tree import (
    COMPARISONS,
    DEEPEST,
    FARTHEST,
    MOST_NODES,
    MOST_TEXT,
    MOST_VERTICES,
    TURNED,
    Both,
    Compare,
    Constant,
    In,
    Like,
    Node,
    Not,
    Null,
    Touches,
    Value,
    between,
    fault,
)

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)
    |'(?P<text>(?:[^']|'')*)'
    |"(?P<quoted>[^"]+)"
    |(?P<word>[^\W\d][\w.-]*)
    |(?P<sign><>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE,
)
_SHAPES = ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "BBOX")


def read_text(text: str) -> Node:
    """The tree of a filter in CQL2 text.

    Comparisons, LIKE, IN, BETWEEN, IS NULL, AND, OR, NOT, and S_INTERSECTS with a WKT shape or BBOX.

    Raises
    ------
    RequestFault
        It is no filter, or one too large.

    Examples
    --------
    >>> read_text("households >= 300 OR kind = 'rural'").parts[0]
    Compare(name='households', sign='>=', value=300)
    """
    if len(text) > MOST_TEXT:
        raise fault(f"the filter has {len(text)} letters, at most {MOST_TEXT}")
    reader = _Reader(text)
    node = reader.either()
    reader.end()
    return node


class _Reader:
    """Words of a filter, one after another."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = _words(text)
        self.at = 0
        self.depth = 0
        self.nodes = 0

    # ------------------------------------------------------------------ words

    def peek(self, kind: str = "", *values: str) -> bool:
        """Whether the next word is of a kind and, of some values, one."""
        if self.at == len(self.words):
            return False
        found, value, _ = self.words[self.at]
        return (not kind or found == kind) and (not values or value.upper() in values)

    def take(self, kind: str = "", *values: str) -> str:
        """The next word, which must be of a kind."""
        if not self.peek(kind, *values):
            raise self.lost(" or ".join(values) or kind)
        self.at += 1
        return self.words[self.at - 1][1]

    def skip(self, kind: str, *values: str) -> bool:
        """Take the next word if it is one of these."""
        found = self.peek(kind, *values)
        self.at += found
        return found

    def lost(self, wanted: str) -> Exception:
        """What was wanted, and what stands there instead."""
        if self.at == len(self.words):
            return fault(f"the filter ends where {wanted} is wanted")
        _, value, place = self.words[self.at]
        return fault(f"the filter has {value[:40]!r} at letter {place + 1} where {wanted} is wanted")

    def end(self) -> None:
        """Nothing may follow."""
        if self.at < len(self.words):
            raise self.lost("AND, OR or the end")

    def count(self) -> None:
        """One more node."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise fault(f"the filter has more than {MOST_NODES} parts")

    # ---------------------------------------------------------------- phrases

    def either(self) -> Node:
        """Phrases joined by OR."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise fault(f"the filter is nested deeper than {DEEPEST} levels")
        node = self._joined("OR", False, lambda: self._joined("AND", True, self.single))
        self.depth -= 1
        return node

    def _joined(self, word: str, every: bool, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self.skip("word", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Both(every, tuple(parts))

    def single(self) -> Node:
        """One phrase: negated, in parentheses, or a statement."""
        self.count()
        if self.skip("word", "NOT"):
            self.depth += 1
            if self.depth > DEEPEST:
                raise fault(f"the filter is nested deeper than {DEEPEST} levels")
            node: Node = Not(self.single())
            self.depth -= 1
            return node
        if self.skip("sign", "("):
            node = self.either()
            self.take("sign", ")")
            return node
        return self.statement()

    def statement(self) -> Node:
        """A comparison, a test for null, a pattern, a list, a range, a place, or TRUE and FALSE alone."""
        if self.peek("word", "S_INTERSECTS"):
            return self.place()
        if self.peek("word", "TRUE", "FALSE"):
            value = self.value()
            return self._turned(value) if self.peek("sign", *COMPARISONS) else Constant(bool(value))
        if self.peek("number") or self.peek("text") or self.peek("word", "DATE", "TIMESTAMP"):
            return self._turned(self.value())
        return self._about(self.name())

    def _turned(self, value: Value) -> Node:
        """A value before the sign, a property behind it."""
        sign = self.take("sign", *COMPARISONS)
        return Compare(self.name(), TURNED[sign], value)

    def _about(self, name: str) -> Node:
        if self.peek("sign", *COMPARISONS):
            return Compare(name, self.take("sign"), self.value())
        if self.skip("word", "IS"):
            turned = self.skip("word", "NOT")
            self.take("word", "NULL")
            return Not(Null(name)) if turned else Null(name)
        turned = self.skip("word", "NOT")
        word = self.take("word", "LIKE", "IN", "BETWEEN").upper()
        node = {"LIKE": self._like, "IN": self._in, "BETWEEN": self._between}[word](name)
        return Not(node) if turned else node

    def _like(self, name: str) -> Node:
        return Like(name, self.take("text"))

    def _in(self, name: str) -> Node:
        self.take("sign", "(")
        values = [self.value()]
        while self.skip("sign", ","):
            self.count()
            values.append(self.value())
        self.take("sign", ")")
        return In(name, tuple(values))

    def _between(self, name: str) -> Node:
        low = self.value()
        self.take("word", "AND")
        return between(name, low, self.value())

    def place(self) -> Node:
        """S_INTERSECTS(property, shape)."""
        self.take("word")
        self.take("sign", "(")
        name = self.name()
        self.take("sign", ",")
        shape = self.shape()
        self.take("sign", ")")
        return Touches(name, shape)

    # ------------------------------------------------------------ small parts

    def name(self) -> str:
        """Name of a property."""
        return self.take("quoted") if self.peek("quoted") else self.take("word")

    def value(self) -> Value:
        """A text, a number, a truth, a date or a time."""
        if self.peek("number"):
            return number(self.take())
        if self.peek("word", "TRUE", "FALSE"):
            return self.take().upper() == "TRUE"
        if self.skip("word", "DATE", "TIMESTAMP"):
            self.take("sign", "(")
            moment = self.take("text")
            self.take("sign", ")")
            return moment
        return self.take("text")

    def shape(self) -> object:
        """A shape as WKT, or BBOX(west, south, east, north)."""
        start = self.words[self.at][2] if self.at < len(self.words) else 0
        if self.skip("word", "BBOX"):
            return box(self._numbers())
        self.take("word", *_SHAPES)
        self.take("sign", "(")
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.take(), 0)
        end = self.words[self.at][2] if self.at < len(self.words) else len(self.text)
        with np.errstate(over="ignore"):  # a number too large is none, and told as such
            return checked(shapely.from_wkt(self.text[start:end].strip(), on_invalid="ignore"))

    def _numbers(self) -> list[int | float]:
        """Numbers in parentheses."""
        self.take("sign", "(")
        numbers = [number(self.take("number"))]
        while self.skip("sign", ","):
            numbers.append(number(self.take("number")))
        self.take("sign", ")")
        return numbers


def _words(text: str) -> list[tuple[str, str, int]]:
    """Rows (kind, value, place) of all words."""
    out: list[tuple[str, str, int]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise fault(f"the filter cannot be read from letter {at + 1}: {text[at : at + 20]!r}")
        kind = str(found.lastgroup)
        out.append((kind, found[kind].replace("''", "'") if kind == "text" else found[kind], found.start(kind)))
        at = found.end()
    return out


def number(text: str) -> int | float:
    """A number, whole where it is written so."""
    value = float(text)
    if not abs(value) < 1e300:
        raise fault(f"{text[:24]} is too large for a number")
    return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else value


def box(numbers: list[int | float]) -> object:
    """A box of four numbers, or of six with heights that are left out."""
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or numbers[0] > numbers[2] or numbers[1] > numbers[3]:
        raise fault("a BBOX is four numbers: least x, least y, greatest x, greatest y")
    return checked(shapely.box(*numbers))


def checked(shape: object) -> object:
    """A shape that can be asked about.

    Raises
    ------
    RequestFault
        It is none, too large, or crosses itself.
    """
    if not isinstance(shape, shapely.Geometry) or shape.is_empty:
        raise fault(
            "the filter names a shape that cannot be read", hint="POINT(117.1 30.7), POLYGON((...)) or BBOX(...)"
        )
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        raise fault(f"the filter's shape has more than {MOST_VERTICES} vertices")
    if not max(map(abs, shapely.bounds(shape).tolist())) < FARTHEST:
        raise fault("the filter's shape lies on no earth")
    if not shapely.is_valid(shape):
        raise fault("the filter's shape crosses itself")
    return shape
