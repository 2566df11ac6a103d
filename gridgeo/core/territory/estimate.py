"""Households guessed from floor area, where a file counts none: always labelled, never mixed with counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from gridgeo.core.model import Flags, Floats, Ints, Notice, Table, texts
from gridgeo.core.territory.columns import count, number, shapes, text
from gridgeo.core.territory.locate import is_polygon

FLOOR_AREA_PER_HOME_M2 = 104.0
"""Median floor area per dwelling where both are known; quartiles 67 and 160."""
HOME_ERROR = 0.645
"""Standard deviation of an estimate, as a share of it: half of all buildings have 67 to 160 m² of floor for a home,
which is the spread of ln(floor area) between quartiles, 2 x 0.6745 standard deviations."""
FOUR_IN_FIVE = 1.2816
"""So many standard deviations on either side hold four values in five (normal distribution)."""
_NO_HOME = (
    "annexe barn boathouse bridge carport cathedral chapel church civic clinic college commercial construction cowshed "
    "factory fire_station garage garages government grandstand greenhouse guardhouse hall hangar hospital hotel "
    "industrial kindergarten kiosk manufacture mosque museum office parking pavilion public railway retail roof ruins "
    "school service shed shop shrine sports_centre sports_hall stable stadium sty substation supermarket synagogue "
    "tech_cab temple theatre toilets train_station transformer_tower transportation university warehouse "
    "商业 办公 工业 仓储 学校 医院 宾馆 酒店 公共 车库 厂房 商业用房 办公用房 工业用房 公共建筑 商场 写字楼"
)
NO_HOME = frozenset(_NO_HOME.split())
"""Uses of buildings nobody lives in; a use not listed here, and none, may be a home."""
_ONE_HOME = "bungalow cabin detached farm house houseboat static_caravan 别墅 独栋"
ONE_HOME = frozenset(_ONE_HOME.split())
SMALLEST_HOME_M2 = 30.0
FLOOR_HEIGHT_M = 3.2
USUAL_FLOORS = 3
ENOUGH_TOLD = 20
"""So many buildings must tell their floors before their median stands for the others."""


def estimated_households(area_m2: Floats, floors: Ints, home: Flags, single: Flags) -> Ints:
    """Households from footprint area and floors, at the usual floor area of a home.

    `home` marks buildings people live in, `single` houses for one household; footprints smaller than a home hold
    none. The figure is off by about half for a single building.

    Examples
    --------
    >>> yes = np.array([True, True])
    >>> estimated_households(np.array([416.0, 80.0]), np.array([5, 2]), yes, np.array([False, True])).tolist()
    [20, 1]
    """
    homes = np.maximum(np.rint(area_m2 * floors / FLOOR_AREA_PER_HOME_M2), 1)
    homes = np.where(single, 1, homes)
    return np.where(home & (area_m2 >= SMALLEST_HOME_M2), homes, 0).astype(np.int64)


def assumed_floors(told: Ints, home: Flags) -> tuple[Ints, int]:
    """Floors of each building, where 0 is not told, and the number assumed there: the median of homes that tell.

    Examples
    --------
    >>> assumed_floors(np.array([5, 0]), np.array([True, True]))
    (array([5, 3]), 3)
    """
    known = told[home & (told > 0)]
    usual = round(float(np.median(known))) if len(known) >= ENOUGH_TOLD else USUAL_FLOORS
    return np.where(told > 0, told, usual), usual


def floors_assumed(guessed: Flags, households: Ints, floors: int) -> list[Notice]:
    """Says how many homes were given an assumed number of floors."""
    if not guessed.any():
        return []
    facts = {"buildings": int(guessed.sum()), "floors": floors}
    total = int(households[guessed].sum())
    return [Notice(kind="floors-assumed", where="buildings", households=total, facts=facts)]


def spread_of(households: Floats | Ints, error: Floats | float = HOME_ERROR) -> Floats:
    """How far estimates may be off, four times in five, on either side.

    For a sum of estimates whose errors are independent, give the square root of the sum of their squares: a sum is
    known better than its parts. An error all share (homes here larger than elsewhere) is not in it.

    Examples
    --------
    >>> one, hundred = np.array([10.0]), np.full(100, 10.0)
    >>> spread_of(one).round(1).tolist(), float(spread_of(np.sqrt((hundred**2).sum())).round(1))
    ([8.3], 82.7)
    """
    return np.asarray(FOUR_IN_FIVE * error * households, dtype=np.float64)


def told_floors(buildings: Table) -> Ints:
    """Floors of each building by its `floors`, else by its `height_m`; 0 where it tells neither."""
    height = np.nan_to_num(number(buildings, "height_m"))
    by_height = np.where(height > 0, np.maximum(np.rint(height / FLOOR_HEIGHT_M), 1), 0).astype(np.int64)
    return np.where(count(buildings, "floors") > 0, count(buildings, "floors"), by_height)


def with_estimates(buildings: Table) -> tuple[Table, list[Notice]]:
    """Buildings with estimates where not one of them has a count and all are footprints; else as they are.

    Floors come from `floors`, else from `height_m`, else are assumed. Every footprint counts as a home unless its
    `use` says that it is none (NO_HOME).

    Examples
    --------
    >>> footprint = Table(columns={"floors": np.array([2])}, geometry=np.array([shapely.box(0, 0, 52, 10)]))
    >>> with_estimates(footprint)[0].columns["households"].tolist()
    [10.0]
    """
    shape = shapes(buildings)
    counted = ~np.isnan(number(buildings, "households"))
    if not len(shape) or counted.any() or not is_polygon(shape).all():
        return buildings, []
    told = told_floors(buildings)
    use = text(buildings, "use")
    home = np.array([word.strip().lower() not in NO_HOME for word in use.tolist()], dtype=bool)
    single = np.array([word.strip().lower() in ONE_HOME for word in use.tolist()], dtype=bool)
    floors, usual = assumed_floors(told, home)
    households = estimated_households(np.asarray(shapely.area(shape)), floors, home, single)
    columns = dict(buildings.columns)
    columns["households"] = households.astype(np.float64)
    columns["source"] = texts(["estimate"] * len(shape))
    return replace(buildings, columns=columns), floors_assumed(home & (told == 0), households, usual)
