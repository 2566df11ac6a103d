"""What each layer of a territory file must look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gridgeo.core.model import DAY_S

POINTS = frozenset({"Point", "MultiPoint"})
LINES = frozenset({"LineString", "MultiLineString", "LinearRing"})
POLYGONS = frozenset({"Polygon", "MultiPolygon"})

Type = Literal["code", "text", "households", "count", "number", "signed", "flag", "clock", "word"]


@dataclass(frozen=True)
class Field:
    """One column: its type, whether it must be there, what null and absence mean, and the words it may hold."""

    name: str
    type: Type = "text"
    required: bool = False
    default: int | float | bool | str = ""
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Role:
    """One layer: the geometry it may have and its columns; `prefix` begins the codes made for it."""

    name: str
    geometry: frozenset[str]
    fields: tuple[Field, ...]
    prefix: str
    required: bool = False


ATOM_KINDS = {
    "urban": "urban",
    "rural": "rural",
    "exclusive": "exclusive",
    "城市": "urban",
    "农村": "rural",
    "乡村": "rural",
    "专属": "exclusive",
}
BARRIER_KINDS = {
    "river": "river",
    "railway": "railway",
    "motorway": "motorway",
    "wall": "wall",
    "河流": "river",
    "铁路": "railway",
    "高速公路": "motorway",
    "快速路": "motorway",
    "围墙": "wall",
}
ROUNDS = {
    "any": "",
    "morning": "morning",
    "afternoon": "afternoon",
    "上午": "morning",
    "下午": "afternoon",
    **{str(number): str(number) for number in range(1, 25)},
}
SOURCES = {"count": "count", "estimate": "estimate", "统计": "count", "估算": "estimate"}

_CODE = Field("code", "code", required=True)
_NAME = Field("name")
_HOUSEHOLDS = Field("households", "households")

ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role("boundary", POLYGONS, (Field("code", "code"), _NAME), "boundary", required=True),
        Role(
            "communities",
            POLYGONS,
            (
                _CODE,
                _NAME,
                Field("subdistrict"),
                Field("county"),
                Field("kind", "word", words=ATOM_KINDS),
                _HOUSEHOLDS,
            ),
            "community",
        ),
        Role(
            "atoms",
            POLYGONS,
            (
                _CODE,
                _HOUSEHOLDS,
                Field("kind", "word", words=ATOM_KINDS),
                Field("community"),
                Field("compound"),
                Field("source", "word", words=SOURCES),
                Field("population", "households"),
                Field("estimated", "flag", default=False),
                Field("high", "number", default=float("nan")),
                Field("events_per_day", "number", default=0.0),
            ),
            "atom",
        ),
        Role(
            "buildings",
            POINTS | POLYGONS,
            (
                _CODE,
                _HOUSEHOLDS,
                Field("floors", "count", default=0),
                Field("height_m", "number", default=float("nan")),
                Field("compound"),
                Field("source", "word", words=SOURCES),
                Field("population", "households"),
                Field("use"),
            ),
            "building",
        ),
        Role("compounds", POLYGONS, (_CODE, _NAME, _HOUSEHOLDS), "compound"),
        Role(
            "streets",
            LINES,
            (
                _CODE,
                _NAME,
                Field("class"),
                Field("walkable", "flag", required=True, default=True),
                Field("sides", "count", default=1),
                Field("width_m", "number", default=float("nan")),
                Field("bridge", "flag", default=False),
                Field("tunnel", "flag", default=False),
                Field("layer"),
                Field("access"),
                Field("foot"),
                Field("slope", "signed", default=float("nan")),
                Field("climb_m", "signed", default=float("nan")),
                Field("opens", "clock", default=0),
                Field("closes", "clock", default=DAY_S),
            ),
            "street",
        ),
        Role(
            "gates",
            POINTS,
            (
                _CODE,
                Field("passable", "flag", default=True),
                Field("opens", "clock", default=0),
                Field("closes", "clock", default=DAY_S),
            ),
            "gate",
        ),
        Role(
            "barriers",
            LINES | POLYGONS,
            (_CODE, Field("kind", "word", words=BARRIER_KINDS), Field("crossable", "flag", default=False)),
            "barrier",
        ),
        Role("exclusive", POLYGONS, (_CODE, _NAME), "exclusive"),
        Role(
            "places",
            POINTS | POLYGONS,
            (
                _CODE,
                _NAME,
                Field("kind"),
                Field("service_s", "count", default=0),
                Field("opens", "clock", default=0),
                Field("closes", "clock", default=DAY_S),
                Field("visits_per_day", "number", default=0.0),
                Field("round", "word", words=ROUNDS),
            ),
            "place",
        ),
        Role("stations", POINTS, (_CODE, Field("grid")), "station"),
        Role(
            "emergency_units",
            POINTS | POLYGONS,
            (
                _CODE,
                _NAME,
                Field("kind"),
                Field("need", "count", default=0),
                Field("max_walk_s", "count", default=0),
            ),
            "unit",
        ),
        Role(
            "responders",
            POINTS,
            (
                _CODE,
                Field("capacity", "count", default=0),
                Field("can_lead", "flag", default=False),
                Field("on_duty", "flag", default=True),
            ),
            "responder",
        ),
    )
}
"""The layers a territory file may hold, by name."""
