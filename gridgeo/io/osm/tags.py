"""What the tags of OpenStreetMap mean for a territory: who may walk, who may live there, what is in the way."""

from __future__ import annotations

import re
from collections.abc import Mapping

Tags = Mapping[str, str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO_FOOT = _words("no private use_sidepath")
YES_FOOT = _words("yes designated permissive customers destination")
NO_STREET = _words(
    "construction proposed raceway bus_guideway escape abandoned razed platform elevator corridor rest_area "
    "services via_ferrata emergency_bay traffic_island"
)
FAST = _words("motorway motorway_link")
HOMES = _words(
    "apartments residential house detached semidetached_house terrace dormitory bungalow farm static_caravan "
    "houseboat cabin"
)
ONE_HOME = _words("house detached bungalow farm static_caravan houseboat cabin")
UNSAID = _words("yes")
"""Building values that say nothing about use: homes unless another tag speaks against it."""
AGAINST_HOMES = _words(
    "amenity office tourism leisure industrial man_made military railway aeroway craft power historic religion"
) | _words("public_transport")
PLACES: Mapping[str, frozenset[str]] = {
    "amenity": _words(
        "school kindergarten college university hospital clinic police fire_station townhall community_centre "
        "library marketplace place_of_worship theatre cinema bus_station social_facility nursing_home"
    ),
    "shop": _words("mall supermarket department_store"),
    "tourism": _words("hotel museum"),
    "leisure": _words("sports_centre stadium"),
    "railway": _words("station"),
}
GATES = _words("gate lift_gate swing_gate sliding_gate wicket_gate kissing_gate entrance sally_port")
WALLS = _words("wall city_wall")
"""Walls that part neighborhoods; fences, hedges and retaining walls mostly stand in or between gardens."""
CLOCK = r"([01]\d|2[0-4]):([0-5]\d)"
NO = frozenset({"", "no", "false", "0"})
MOST_LEVELS = 200


def is_street(tags: Tags) -> bool:
    """Whether a way is a street or path on which somebody moves."""
    value = tags.get("highway", "")
    return bool(value) and value not in NO_STREET and tags.get("area") != "yes" and tags.get("indoor", "no") in NO


def may_walk(tags: Tags) -> bool:
    """Whether the public may walk along a street: `foot` decides, then `access`, then the class.

    Examples
    --------
    >>> may_walk({"highway": "residential"}), may_walk({"highway": "service", "access": "private"})
    (True, False)
    >>> may_walk({"highway": "track", "access": "no", "foot": "yes"}), may_walk({"highway": "motorway"})
    (True, False)
    """
    foot = tags.get("foot", "")
    if foot in NO_FOOT or tags.get("highway") in FAST or tags.get("motorroad") == "yes":
        return False
    return foot in YES_FOOT or tags.get("access", "") not in NO_FOOT


def number(text: str) -> float:
    """First number of a tag like "12 m" or "3;4", NaN when there is none.

    >>> number("12.5 m"), number("3;4")
    (12.5, 3.0)
    """
    found = re.match(r"\s*(\d{1,6}(?:[.,]\d{1,3})?)", text)
    return float(found.group(1).replace(",", ".")) if found else float("nan")


def slope(tags: Tags) -> float:
    """Percent a way rises as drawn, NaN where its incline is not told in numbers.

    >>> slope({"incline": "-8%"}), slope({"incline": "12 %"}), slope({"incline": "up"})
    (-8.0, 12.0, nan)
    """
    found = re.fullmatch(r"\s*([+-]?\d{1,2}(?:\.\d{1,2})?)\s*%\s*", tags.get("incline", ""))
    return float(found.group(1)) if found else float("nan")


def level(tags: Tags) -> int:
    """Level of a way: its layer; a bridge without one is 1, a tunnel -1.

    >>> level({"layer": "-2"}), level({"bridge": "yes"}), level({})
    (-2, 1, 0)
    """
    text = tags.get("layer", "")
    if re.fullmatch(r"-?[1-9]", text):
        return int(text)
    if tags.get("bridge", "") not in NO:
        return 1
    return -1 if in_tunnel(tags) else 0


def in_tunnel(tags: Tags) -> bool:
    """Whether a way runs underground, or through a building."""
    return tags.get("tunnel", "") not in NO


def sides(tags: Tags) -> int:
    """Sides of a street a patrol must see apart: 2 where both have a sidewalk.

    >>> sides({"sidewalk": "both"}), sides({})
    (2, 1)
    """
    both = tags.get("sidewalk") == "both" or tags.get("sidewalk:both", "") in ("yes", "separate")
    return 2 if both else 1


def is_home(tags: Tags) -> bool:
    """Whether people live in a building, as far as its tags tell.

    >>> is_home({"building": "yes"}), is_home({"building": "yes", "amenity": "school"}), is_home({"building": "roof"})
    (True, False, False)
    """
    value = tags.get("building", "")
    return value in HOMES or (value in UNSAID and AGAINST_HOMES.isdisjoint(tags))


def floors(tags: Tags) -> int:
    """Floors a building's tags tell: its levels, else its height at 3.2 m a floor; 0 for unknown.

    >>> floors({"building:levels": "5"}), floors({"height": "16 m"}), floors({})
    (5, 5, 0)
    """
    told = number(tags.get("building:levels", ""))
    if told != told:  # NaN: no levels given
        told = number(tags.get("height", "")) / 3.2
    return min(max(round(told), 1), MOST_LEVELS) if told == told else 0


def flats(tags: Tags) -> int:
    """Dwellings a building's tags count, -1 for none."""
    told = number(tags.get("building:flats", ""))
    return round(told) if told == told else -1


def is_gate(tags: Tags) -> bool:
    """Whether a node is a gate or an opening in a wall.

    >>> is_gate({"barrier": "lift_gate"}), is_gate({"barrier": "bollard"})
    (True, False)
    """
    return tags.get("barrier", "") in GATES


def gate_opens(tags: Tags) -> bool:
    """Whether the public may walk through a gate: `foot` decides, then `access`; a locked gate is shut.

    >>> gate_opens({"barrier": "gate"}), gate_opens({"barrier": "gate", "access": "private"})
    (True, False)
    >>> gate_opens({"barrier": "gate", "access": "no", "foot": "yes"}), gate_opens({"barrier": "gate", "locked": "yes"})
    (True, False)
    """
    foot = tags.get("foot", "")
    if foot in YES_FOOT or foot in NO_FOOT:
        return foot in YES_FOOT
    return tags.get("access", "") not in NO_FOOT and tags.get("locked", "") != "yes"


def hours(tags: Tags) -> tuple[str, str]:
    """When a place opens and closes, where its hours are the same every day; "" where they are not told so.

    >>> hours({"opening_hours": "Mo-Su 06:00-22:30"}), hours({"opening_hours": "24/7"})
    (('06:00', '22:30'), ('00:00', '24:00'))
    >>> hours({"opening_hours": "Mo-Fr 08:00-18:00; Sa 09:00-12:00"})
    ('', '')
    """
    text = tags.get("opening_hours", "").strip()
    if text == "24/7":
        return "00:00", "24:00"
    found = re.fullmatch(rf"(?:Mo-Su,?\s+)?({CLOCK})\s*-\s*({CLOCK})", text)
    return (found.group(1), found.group(4)) if found and found.group(1) < found.group(4) else ("", "")


def may_be_compound(tags: Tags) -> bool:
    """Whether an area may be a housing compound: residential land with a name or a wall of its own.

    >>> may_be_compound({"landuse": "residential", "name": "锦绣苑"}), may_be_compound({"landuse": "residential"})
    (True, False)
    """
    return tags.get("landuse") == "residential" and bool(tags.get("name") or tags.get("barrier", "no") not in NO)


def barrier_kind(tags: Tags) -> str:
    """Kind of barrier a way or area is, "" for none. Culverts, viaducts, sidings and tunnels stop nobody.

    >>> barrier_kind({"waterway": "river"}), barrier_kind({"railway": "rail", "service": "siding"})
    ('river', '')
    >>> barrier_kind({"barrier": "wall"}), barrier_kind({"barrier": "hedge"})
    ('wall', '')
    """
    if in_tunnel(tags) or tags.get("bridge", "") not in NO:
        return ""
    if tags.get("waterway") in ("river", "canal", "riverbank") or tags.get("natural") == "water":
        return "river"
    if tags.get("railway") in ("rail", "light_rail", "narrow_gauge") and "service" not in tags:
        return "railway"
    return "wall" if tags.get("barrier") in WALLS else ""


def place_kind(tags: Tags) -> str:
    """Kind of a place an officer calls at, "" for none.

    >>> place_kind({"amenity": "school"}), place_kind({"amenity": "bench"})
    ('school', '')
    """
    return next((tags[key] for key, values in PLACES.items() if tags.get(key) in values), "")
