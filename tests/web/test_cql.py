"""Filters: what they keep, what nulls do, and what is refused."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.model import geometries
from gridgeo.web.cql import matching, read_document, read_text
from gridgeo.web.cql.evaluate import _expression
from gridgeo.web.encode import Column, Features
from gridgeo.web.faults import RequestFault
from gridgeo.web.globe import Globe
from tests.effort import examples
from tests.instances import CRS, ORIGIN

FEATURES = Features(
    ["a", "b", "c", "d"],
    {
        "name": Column(["Mall", "O'Hara", "学校", None]),
        "count": Column(np.array([1, 5, 9, 0]), known=np.array([True, True, True, False])),
        "width": Column(np.array([1.5, np.nan, 3.0, 0.0])),
        "busy": Column(np.array([True, False, True, False])),
        "point": Column([[1, 2]] * 4, kind="array"),
    },
    geometries(shapely.points(ORIGIN + np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [300.0, 0.0]]))),
    Globe(CRS),
)
CASES = [
    ("count > 1", "bc"),
    ("count <> 5", "ac"),
    ("NOT count > 1", "a"),
    ("count >= 1 AND count < 9", "ab"),
    ("count = 1 OR count = 9 AND busy = TRUE", "ac"),
    ("(count = 1 OR count = 9) AND busy = FALSE", ""),
    ("count BETWEEN 1 AND 5", "ab"),
    ("count NOT BETWEEN 1 AND 5", "c"),
    ("count IN (5, 9, 100)", "bc"),
    ("count NOT IN (5)", "ac"),
    ("count IS NULL", "d"),
    ("width IS NOT NULL", "acd"),
    ("name = 'O''Hara'", "b"),
    ("name LIKE 'M%l'", "a"),
    ("name LIKE '_all'", "a"),
    ("name LIKE '%a%a'", "b"),
    ("name LIKE '学%'", "c"),
    ("name NOT LIKE '%a%'", "c"),
    ("busy = true", "ac"),
    ("5 < count", "c"),
    ("-1.5e0 < width", "acd"),
    ("TRUE", "abcd"),
    ("FALSE OR busy = FALSE", "bd"),
    ('"count" = 5', "b"),
    ("name > 'N'", "bc"),
    ("count = 0 OR NOT count = 0", "abc"),
    ("NOT (count > 1 AND width > 1)", "ad"),
]


def kept(node) -> str:
    return "".join(code for code, yes in zip("abcd", matching(node, FEATURES), strict=True) if yes)


@pytest.mark.parametrize(("text", "codes"), CASES)
def test_text_keeps(text, codes):
    """A filter in CQL2 text keeps the features it says; a null is neither so nor not so."""
    assert kept(read_text(text)) == codes


@pytest.mark.parametrize(
    ("tree", "codes"),
    [
        ({"op": ">", "args": [{"property": "count"}, 1]}, "bc"),
        ({"op": ">", "args": [5, {"property": "count"}]}, "a"),
        ({"op": "and", "args": [{"op": "=", "args": [{"property": "busy"}, True]}, True]}, "ac"),
        ({"op": "not", "args": [{"op": "isNull", "args": [{"property": "count"}]}]}, "abc"),
        ({"op": "like", "args": [{"property": "name"}, "M%"]}, "a"),
        ({"op": "in", "args": [{"property": "count"}, [1, 9]]}, "ac"),
        ({"op": "between", "args": [{"property": "count"}, 2, 9]}, "bc"),
    ],
)
def test_json_keeps(tree, codes):
    """A filter in CQL2 JSON keeps the features it says."""
    assert kept(read_document(json.dumps(tree))) == codes


def test_shapes_keep_what_they_touch():
    """A box, a polygon and a point in text and JSON find the features there."""
    (west, south), (east, north) = Globe(CRS).lonlat(ORIGIN + np.array([[50.0, -50.0], [250.0, 50.0]])).tolist()
    box = f"BBOX({west}, {south}, {east}, {north})"
    assert kept(read_text(f"S_INTERSECTS(geometry, {box})")) == "bc"
    assert kept(read_text(f"NOT S_INTERSECTS(geometry, {box}) AND busy = TRUE")) == "a"
    polygon = shapely.box(west, south, east, north)
    assert kept(read_text(f"s_intersects(geometry, {polygon.wkt})")) == "bc"
    for shape in (json.loads(shapely.to_geojson(polygon)), {"bbox": [west, south, east, north]}):
        assert (
            kept(read_document(json.dumps({"op": "s_intersects", "args": [{"property": "geometry"}, shape]}))) == "bc"
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "count",
        "count >",
        "count > 1 AND",
        "count > 'x'",
        "name = 5",
        "busy = 1",
        "nothing = 1",
        "point = 1",
        "count = 1 count = 2",
        "(count = 1",
        "count IN ()",
        "name LIKE 5",
        "count BETWEEN 1",
        "count = 'x",
        "count ; 1",
        "S_INTERSECTS(name, POINT(1 2))",
        "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))",
        "S_INTERSECTS(geometry, POINT(1 2",
        "S_INTERSECTS(geometry, BBOX(3, 2, 1, 4))",
        "S_INTERSECTS(geometry, BBOX(1e,2,3,4))",
        "S_INTERSECTS(geometry, BBOX(1-1,2,3,4))",
        "S_INTERSECTS(geometry, BBOX(..,2,3,4))",
        "S_INTERSECTS(geometry, BBOX(1,2,(3),4))",
        "S_INTERSECTS(geometry, CIRCLE(1 2))",
        "S_INTERSECTS(geometry, POINT EMPTY)",
        "count = 1e999",
        "(" * 100 + "count = 1" + ")" * 100,
        "NOT " * 100 + "count = 1",
        " OR ".join(["count = 1"] * 201),
        "count IN (" + ",".join(["1"] * 300) + ")",
        "x" * 5000,
    ],
)
def test_what_is_no_filter_is_refused(text):
    """Broken, mistyped, unknown, too deep and too large filters are named as faults of `filter`."""
    with pytest.raises(RequestFault) as caught:
        matching(read_text(text), FEATURES)
    assert caught.value.part == {"parameter": "filter"}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "1",
        '{"op": 5, "args": []}',
        '{"op": "drop", "args": []}',
        '{"op": "=", "args": [1, 2]}',
        '{"op": "=", "args": [{"property": "count"}]}',
        '{"op": "=", "args": [{"property": "count"}, null]}',
        '{"op": "and", "args": [true]}',
        '{"op": "in", "args": [{"property": "count"}, 5]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": ["a", 1, 2, 3]}]}',
        '{"op": "=", "args": [{"property": "count"}, NaN]}',
        '{"op": "not", "args": [' * 40 + "true" + "]}" * 40,
    ],
)
def test_what_is_no_document_is_refused(text):
    """The same in JSON."""
    with pytest.raises(RequestFault) as caught:
        matching(read_document(text), FEATURES)
    assert caught.value.part == {"parameter": "filter"}


def test_a_malformed_box_is_told_with_its_place():
    """What stands in a box instead of a number is named with the letter it begins at."""
    with pytest.raises(RequestFault, match="'e' at letter 30 where"):
        read_text("S_INTERSECTS(geometry,BBOX(1 e,2,3,4))")


SOUND = [
    *(text for text, _ in CASES),
    "S_INTERSECTS(geometry, BBOX(117.1, 30.1, 117.2, 30.2)) AND count > 1",
    "S_INTERSECTS(geometry, POLYGON((117 30, 118 30, 118 31, 117 30)))",
    "S_INTERSECTS(geometry, POINT Z (117 30 5))",
    "name = DATE('2026-11-21') OR TIMESTAMP('2026-11-21T09:00:00Z') < name",
    *map(
        json.dumps,
        [
            {"op": "and", "args": [{"op": ">", "args": [{"property": "count"}, 1]}, {"op": "not", "args": [True]}]},
            {"op": "in", "args": [{"property": "name"}, ["a", {"date": "2026-11-21"}]]},
            {"op": "between", "args": [{"property": "width"}, -1.5e3, 9]},
            {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [117.1, 30.1, 0, 117.2, 30.2, 9]}]},
            {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [117, 30]}]},
            {"op": "like", "args": [{"property": "name"}, "a%"]},
        ],
    ),
]
PIECES = [
    *"()'\",.-+%_{}[]:\0 ²٣学\ud800", "1e", "1-1", "..", "1e400", "-0", "9" * 40, "9" * 400, "NaN", "nan", "inf",
    "true", "BBOX(", "POINT(", "EMPTY", "NOT ", "IS NULL", "GEOMETRYCOLLECTION(", '{"op":', '"args":[', '{"date":',
]  # fmt: skip


def mutated(draw):
    """A sound filter with a few places cut, doubled, or filled with something else."""
    text = draw.choice(SOUND)
    for _ in range(draw.randint(1, 4)):
        a = draw.randrange(len(text) + 1)
        b = min(len(text), a + draw.choice([0, 0, 1, 1, 2, 5, 20]))
        text = text[:a] + draw.choice([*PIECES, "", text[a:b] * 2, draw.choice(SOUND)[a:b]]) + text[b:]
    return text


def refusals(rounds, rng_seed=1):
    """How many mutated filters were refused; anything but an answer or a fault goes through."""
    draw, refused = random.Random(rng_seed), 0
    for _ in range(rounds):
        text = mutated(draw)
        for read in (read_text, read_document):
            try:
                assert matching(read(text), FEATURES).dtype == bool
            except RequestFault as fault:
                refused += fault.part == {"parameter": "filter"}
    return refused


def test_mutated_filters_are_answered_or_refused():
    """Whatever is done to a sound filter, in text and in JSON, it is answered or named as a fault."""
    assert refusals(500) > 300


@pytest.mark.slow
def test_many_mutated_filters_are_answered_or_refused():
    """The same for twenty thousand."""
    assert refusals(20_000, 7) > 12_000


@settings(max_examples=examples(300), deadline=None)
@given(st.text(alphabet="count name=<>'\"()NOTANDORLIKE%_\\,1.5 学\x00\n", max_size=60))
def test_any_text_is_a_filter_or_a_fault(text):
    """No text ends in anything but an answer or a fault."""
    try:
        assert matching(read_text(text), FEATURES).dtype == bool
    except RequestFault as fault:
        assert fault.part == {"parameter": "filter"}


@settings(max_examples=examples(200), deadline=None)
@given(st.text(alphabet="ab%_", max_size=8), st.text(alphabet="ab", max_size=8))
def test_patterns_match_as_the_plain_rule_says(pattern, text):
    """Patterns that never go back match what trying every way matches."""
    import re

    def plain(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "%":
            return any(plain(p[1:], t[i:]) for i in range(len(t) + 1))
        return bool(t) and p[0] in ("_", t[0]) and plain(p[1:], t[1:])

    assert bool(re.fullmatch(_expression(pattern), text, re.DOTALL)) == plain(pattern, text)


def test_a_pattern_made_to_stall_ends():
    """Many wildcards over a long text are worked out at once."""
    import time

    node = read_text("name LIKE '" + "%a" * 100 + "%b'")
    long = Features(["x"], {"name": Column(["a" * 20_000])}, None, None)
    start = time.process_time()
    assert not matching(node, long).any()
    assert time.process_time() - start < 30
