"""What the words of maps mean: which class of border a street or a barrier is, and where people walk."""

from __future__ import annotations

from collections.abc import Mapping

from gridgeo.core.model import Border

_WORDS: Mapping[Border, str] = {
    Border.MOTORWAY: (
        "motorway motorway_link expressway freeway highway_controlled 高速 高速公路 快速路 城市快速路 封闭快速路"
    ),
    Border.MAIN: (
        "trunk trunk_link primary primary_link secondary secondary_link arterial major major_road main "
        "major_arterial minor_arterial 主干路 主干道 次干路 次干道 国道 省道 大道"
    ),
    Border.STREET: (
        "tertiary tertiary_link residential unclassified living_street road street local connector collector "
        "minor_road minor busway 支路 街道 街 道路 县道 乡道 村道"
    ),
    Border.PATH: (
        "service footway path pedestrian steps cycleway track bridleway corridor pier sidewalk crossing alley lane "
        "driveway elevator platform 小区路 小路 巷 里弄 弄 人行道 步道 胡同 内部道路 内部路 园路"
    ),
}
_CLASS: Mapping[str, Border] = {word: border for border, words in _WORDS.items() for word in words.split()}
_FAST_NAMES = ("expressway", "freeway", "motorway", "高速", "快速路")
NEVER_WALKED = frozenset({"construction", "proposed", "raceway", "abandoned", "razed", "bus_guideway", "escape"})
"""Street classes that are no ground to walk on, beside motorways."""

BARRIER_BORDER: Mapping[str, Border] = {
    "river": Border.RIVER,
    "water": Border.RIVER,
    "canal": Border.RIVER,
    "河流": Border.RIVER,
    "河道": Border.RIVER,
    "railway": Border.RAILWAY,
    "rail": Border.RAILWAY,
    "铁路": Border.RAILWAY,
    "motorway": Border.MOTORWAY,
    "高速公路": Border.MOTORWAY,
    "wall": Border.WALL,
    "围墙": Border.WALL,
}
"""Border class of each word for a kind of barrier; other words are walls."""


def border_of(street_class: str, name: str = "") -> Border:
    """Border class of a street by its class; by its name when the class says nothing.

    A street of unknown class is an ordinary street.

    Examples
    --------
    >>> border_of("residential").name, border_of("主干路").name, border_of("", "Pan Island Expressway").name
    ('STREET', 'MAIN', 'MOTORWAY')
    """
    word = street_class.strip().lower()
    if word in _CLASS:
        return _CLASS[word]
    if not word and any(part in name.lower() for part in _FAST_NAMES):
        return Border.MOTORWAY
    return Border.STREET


def may_walk(street_class: str, name: str = "") -> bool:
    """Whether streets of this class are walked on unless their row says otherwise.

    >>> may_walk("footway"), may_walk("motorway_link"), may_walk("construction")
    (True, False, False)
    """
    word = street_class.strip().lower()
    return border_of(word, name) != Border.MOTORWAY and word not in NEVER_WALKED


def barrier_border(kind: str) -> Border:
    """Border class of a kind of barrier.

    >>> barrier_border("railway").name
    'RAILWAY'
    """
    return BARRIER_BORDER.get(kind, Border.WALL)
