"""What may be said of a feature that is created, replaced or updated: the shapes of the bodies of requests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Text = Annotated[str, Meta(max_length=500)] | None
Code = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)] | None
OfDay = Annotated[int, Meta(ge=0, le=86_400)] | None
Flag = bool | None


class Point(msgspec.Struct, frozen=True):
    """A point (GeoJSON), in longitude and latitude unless Content-Crs says otherwise."""

    type: Literal["Point"]
    coordinates: Annotated[list[float], Meta(min_length=2, max_length=3)]


class PlaceProperties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a place; null is the default."""

    code: Code | None = None
    name: Text = ""
    kind: Text = ""
    service_s: Count = 0
    opens: OfDay = 0
    closes: OfDay = 86_400
    visits_per_day: Annotated[float, Meta(ge=0, le=1000)] | None = 1.0


class StationProperties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a station; null is the default."""

    code: Code | None = None
    grid: Text = ""


class UnitProperties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of an emergency unit; null is the default."""

    code: Code | None = None
    name: Text = ""
    kind: Text = ""
    need: Count = 0
    max_walk_s: OfDay = 0


class ResponderProperties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a post that answers alarms; null is the default."""

    code: Code | None = None
    capacity: Count = 0
    can_lead: Flag = False
    on_duty: Flag = True


EDITABLE: dict[str, type[msgspec.Struct]] = {
    "places": PlaceProperties,
    "stations": StationProperties,
    "emergency_units": UnitProperties,
    "responders": ResponderProperties,
}
"""Collections that can be changed, and the properties of their features."""


def bodies(name: str, properties: type[msgspec.Struct]) -> tuple[Any, Any]:
    """The shape of a whole feature of a collection, and of a part of one."""
    label = properties.__name__.removesuffix("Properties")
    whole = msgspec.defstruct(
        f"{label}Feature",
        [
            ("geometry", Point),
            ("properties", properties | None, None),
            ("type", Literal["Feature"], "Feature"),
            ("id", Annotated[str | int, Meta(description="Code, unless the properties name one.")] | None, None),
            ("links", list[dict[str, Any]] | None, None),
        ],
        frozen=True, forbid_unknown_fields=True, namespace={"__doc__": f"A feature of {name} (GeoJSON)."},
    )  # fmt: skip
    part = msgspec.defstruct(
        f"{label}Patch",
        [
            ("geometry", Point | UnsetType, UNSET),
            ("properties", dict[str, Any] | UnsetType, UNSET),
            ("type", Literal["Feature"], "Feature"),
            ("id", str | int | None, None),
        ],
        frozen=True, forbid_unknown_fields=True, namespace={"__doc__": "What changes (RFC 7396)."},
    )  # fmt: skip
    return whole, part
