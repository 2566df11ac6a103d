"""The bounds of grids in words, and whether the words describe the grid and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.bounds import bounds_of
from gridgeo.core.model import geometries, texts
from gridgeo.core.tables import plan_tables
from gridgeo.core.territory.streets import streets_of
from gridgeo.io.formats import read_layers
from gridgeo.io.write import write_plan
from tests.core.territory.towns import line, table
from tests.instances import ORIGIN, lattice, plan_of


def town(lines, names, *, rows=3, cols=3, turn=0.0):
    """A lattice of 100 m blocks, one grid a block, turned by degrees about its corner, with named streets."""
    from gridgeo.core.model import Territory

    base: Territory = lattice(rows, cols)

    def turned(shapes):
        return geometries([shapely.affinity.rotate(shape, turn, origin=tuple(ORIGIN)) for shape in shapes])

    moved = turned([shapely.affinity.translate(one, *ORIGIN) for one in lines])
    streets = streets_of(table(moved, name=names))
    atoms = replace(base.atoms, geometry=turned(base.atoms.geometry))
    return plan_of(replace(base, atoms=atoms, streets=streets), list(range(rows * cols)))


def lattice_lines():
    """Four streets from west to east (R0 … R3) and four from south to north (C0 … C3) on the lines of the lattice."""
    lines = [line((-10, 100 * i), (310, 100 * i)) for i in range(4)] + [
        line((100 * i, -10), (100 * i, 310)) for i in range(4)
    ]
    return lines, [f"R{i}" for i in range(4)] + [f"C{i}" for i in range(4)]


@pytest.mark.parametrize("turn", [0, 10, 30, -40])
def test_every_block_of_a_lattice_is_told_by_its_four_streets(turn):
    """However the lattice is turned, each block has its own four streets, and the words lead back to it alone."""
    found = bounds_of(town(*lattice_lines(), turn=turn))
    assert len(found) == 9
    for k, one in enumerate(found):
        row, col = divmod(k, 3)
        assert one.names == ((f"C{col + 1}",), (f"R{row + 1}",), (f"C{col}",), (f"R{row}",))
        assert one.status == "verified"


def test_a_side_without_a_name_is_incomplete():
    """Where one side has no named street the words are kept, and not verified."""
    lines, names = lattice_lines()
    names[4] = ""  # the westmost street
    found = bounds_of(town(lines, names))
    assert [one.status for one in found] == ["incomplete", "verified", "verified"] * 3
    assert found[0].names[2] == ()
    assert "west: -" in found[0].text()


def test_words_that_fit_two_blocks_are_ambiguous():
    """When the same names enclose another block as well, that is said."""
    lines, names = lattice_lines()
    names = ["North", "Middle", "North", "Middle", *names[4:]]
    found = bounds_of(town(lines, names))
    assert {one.status for one in found[:3]} == {"ambiguous"}
    assert found[0].names == found[6].names


def test_streets_beside_the_border_count_and_streets_across_do_not():
    """A street 20 m off the border gives its name; one 40 m off, or one that only crosses, does not."""
    lines, names = lattice_lines()
    lines[1], lines[5] = line((-10, 120), (310, 120)), line((140, -10), (140, 310))
    found = bounds_of(town(lines, names))[0]
    assert found.names[1] == ("R1",)
    assert found.names[0] == ()


def test_names_hold_a_fifth_of_their_side():
    """Two streets that share a side are both told, in walking order; a stub of a tenth is not."""
    lines, names = lattice_lines()
    halves = [line((-10, 0), (45, 0)), line((45, 0), (92, 0)), line((92, 0), (310, 0))]
    found = bounds_of(town([*halves, *lines[1:]], ["West End", "East End", "Stub", *names[1:]]))[0]
    assert found.names[3] == ("West End", "East End")


def test_nothing_named_says_nothing():
    """Without names there are no words."""
    lines, names = lattice_lines()
    found = bounds_of(town(lines, [""] * len(names)))
    assert [(one.text(), one.verified) for one in found] == [("", False)] * 9


def test_words_are_in_the_language_of_the_names():
    """Chinese names make Chinese words, unless another language is asked for."""
    lines, _ = lattice_lines()
    names = ["南街", "二街", "三街", "北街", "西路", "二路", "三路", "东路"]
    one = bounds_of(town(lines, names))[0]
    assert one.text() == "东至二路，南至南街，西至西路，北至二街"
    assert one.text("en") == "east: 二路; south: 南街; west: 西路; north: 二街"


def test_plan_files_hold_the_words(tmp_path):
    """A written plan has the words and whether they are verified; tables made without them stay empty."""
    plan = town(*lattice_lines())
    write_plan(plan, tmp_path / "p.gpkg")
    grids = read_layers(tmp_path / "p.gpkg", ["grids"])["grids"].table.columns
    assert grids["bounds_text"][4] == "east: C2; south: R1; west: C1; north: R2"
    assert np.asarray(grids["bounds_verified"], bool).all()
    assert texts(plan_tables(plan)["grids"].columns["bounds_text"]).tolist() == [""] * 9
