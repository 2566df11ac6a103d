"""Real towns: given census areas bit-exact, atoms made from streets that are sparse, dense or crooked."""

import numpy as np
import pytest
import shapely

from gridgeo.core.model import geometries
from gridgeo.core.territory import build_territory
from tests.core.territory.towns import is_exact, table
from tests.shared import place

pytestmark = pytest.mark.slow


def layer(name, layer_name):
    import geopandas

    return geopandas.read_file(place(name), layer=layer_name)


def as_table(frame, **columns):
    return table(geometries(frame.geometry.values), **columns)


def build(tables):
    return build_territory(tables, name="real", crs="EPSG:32650")


@pytest.mark.parametrize(
    ("name", "layer_name", "households"),
    [("gb_camden", "output_areas", 97_534), ("tw_taipei_daan", "bsa", 120_675), ("tw_chiayi_east", "bsa", 45_700)],
)
def test_census_areas(name, layer_name, households):
    """Census areas stay bit-exact, cover their boundary and keep their households."""
    areas, boundary = layer(name, layer_name), layer(name, "boundary")
    town = build(
        {"boundary": as_table(boundary), "atoms": as_table(areas, households=areas.households.to_numpy(float))}
    )
    assert town.households == households
    assert is_exact(town, boundary.geometry[0])
    assert shapely.to_wkb(town.atoms.geometry).tolist() == shapely.to_wkb(areas.geometry.values).tolist()
    assert (~town.atoms.known).sum() == areas.households.isna().sum()


def test_villages_and_areas_disagree():
    """Where borders of villages and areas disagree, the number of areas is told."""
    areas, villages = layer("tw_taipei_daan", "bsa"), layer("tw_taipei_daan", "villages")
    town = build(
        {
            "boundary": as_table(layer("tw_taipei_daan", "boundary")),
            "atoms": as_table(areas, households=areas.households.to_numpy(float)),
            "communities": as_table(villages, code=villages.CPTVID.tolist()),
        }
    )
    (notice,) = [n for n in town.notices if n.kind == "borders-disagree"]
    assert 0 < notice.facts["halved"] < notice.facts["atoms"] < len(areas)
    assert (town.atoms.community >= 0).all()


@pytest.mark.parametrize(("name", "households"), [("sg_toa_payoh", 37_894), ("sg_clementi", 26_345)])
def test_sparse_streets(name, households):
    """Estates with few streets are split between their blocks of flats; no count is lost."""
    flats, subzones = layer(name, "hdb_blocks"), layer(name, "subzones")
    counts = flats.total_dwelling_units.to_numpy(float)
    boundary = layer(name, "boundary")
    town = build(
        {
            "boundary": as_table(boundary),
            "streets": as_table(layer(name, "roads_lta")),
            "communities": as_table(subzones, code=subzones.SUBZONE_C.tolist()),
            "buildings": as_table(flats, households=counts),
        }
    )
    assert town.households == households
    assert is_exact(town, boundary.geometry[0])
    assert town.atoms.households.max() <= max(120, counts.max())


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("kr_gangnam", "highway"),
        ("cn_shanghai_bund", "kind_detail"),
        ("ru_snezhinsk", "highway"),
        ("us_manhattan_lower", "fclass"),
    ],
)
def test_dense_streets(name, column):
    """Towns of footprints and streets are covered exactly, and no building inside loses its households."""
    roads, footprints = layer(name, "roads"), layer(name, "buildings")
    hull = shapely.convex_hull(shapely.union_all(np.concatenate([roads.geometry.values, footprints.geometry.values])))
    counts = np.floor(footprints.area * 3 / 104)
    town = build(
        {
            "boundary": table([hull]),
            "streets": as_table(roads, **{"class": roads[column].fillna("").tolist()}),
            "buildings": as_table(footprints, households=counts.to_numpy(float), source=["estimate"] * len(counts)),
        }
    )
    assert is_exact(town, hull)
    outside = sum(n.households for n in town.notices if n.kind == "buildings-outside")
    assert town.households + outside == counts.sum()
    assert town.atoms.estimated[town.atoms.households > 0].all()
