"""What was understood can be kept as TOML, read by people, and run again to the same bytes."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gridgeo.cli import gridgeo
from gridgeo.errors import InputError, SchemaError
from gridgeo.io.importer import Request, import_request
from gridgeo.io.importer.mapping import read_mapping, write_mapping
from gridgeo.io.write import write_territory
from tests.io.raw import square, table, write
from tests.io.test_readers import workbook
from tests.io.test_roster import village


def run(*words):
    return CliRunner().invoke(gridgeo, [str(word) for word in words], catch_exceptions=False)


def test_saved_mapping_gives_the_same_bytes(tmp_path, monkeypatch):
    """An import of guesses and the import of its saved mapping, run from another folder, write the same file."""
    layers = {"基本单元": table([square(i) for i in range(3)], 编号=["x", "y", "z"], 户数=[300, 310, 320])}
    path = write(tmp_path / "t.gpkg", layers)
    first, again = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    assert run("import", path, "-o", first, "--save-mapping", tmp_path / "map.toml").exit_code == 0
    kept = (tmp_path / "map.toml").read_bytes()
    assert 'atoms = "基本单元"' in kept.decode()
    assert 'guessed = ["atoms", "atoms.code", "atoms.households"]' in kept.decode()
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    said = run("import", "--mapping", "../map.toml", "-o", again, "--save-mapping", tmp_path / "map2.toml")
    assert said.exit_code == 0
    assert again.read_bytes() == first.read_bytes()
    assert (tmp_path / "map2.toml").read_bytes() == kept


def test_rosters_and_options_are_kept(tmp_path):
    """Rosters, keys, sums, swaps and all options come back as they were."""
    path = village(tmp_path, code=["A", "B", "C"])
    roster = workbook(tmp_path / "r.xlsx", [["编码", "户数"], ["A", 30], ["B", 40]], title="t")
    request = Request(
        sources=(str(path),),
        rosters={"buildings": f"{roster}:t"},
        sums=("buildings",),
        datum="cgcs2000",
        encoding="gb18030",
        crs="EPSG:4547",
        name='东 "城"',
        persons=2.5,
    )
    imported = import_request(request)
    write_mapping(imported.understood, tmp_path / "map.toml")
    read = read_mapping(tmp_path / "map.toml")
    assert read.keys == {"buildings": "code=编码"}
    assert (read.sums, read.datum, read.encoding, read.crs) == (("buildings",), "cgcs2000", "gb18030", "EPSG:4547")
    assert (read.name, read.persons) == ('东 "城"', 2.5)
    for territory, name in ((imported.territory, "a.gpkg"), (import_request(read).territory, "b.gpkg")):
        write_territory(territory, tmp_path / name)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_a_guess_that_changed_is_told(tmp_path):
    """When a kept guess would come out differently, nothing is done in silence."""
    path = write(tmp_path / "t.gpkg", {"atoms": table([square(0)], id=["x"], 户数=[3])})
    write_mapping(import_request(Request(sources=(str(path),))).understood, tmp_path / "map.toml")
    write(path, {"atoms": table([square(0)], 编码=["x"], 户数=[3])})
    with pytest.raises(InputError, match="was guessed to be id; now it would be 编码"):
        import_request(read_mapping(tmp_path / "map.toml"))


def test_every_fault_is_listed_with_its_line(tmp_path):
    """Unknown keys, roles and columns, and wrong types are all told, each with line and key."""
    lines = ["version = 2", 'sources = "t.gpkg"', 'colour = "red"', 'datum = "wgs85"', "persons = -1"]
    lines += ["[roles]", 'atmos = "oa"', "atoms = 3", "[fields.atoms]", 'hh = "x"', "[fields.nobody]", 'a = "b"']
    (tmp_path / "map.toml").write_text("\n".join(lines))
    with pytest.raises(SchemaError) as caught:
        read_mapping(tmp_path / "map.toml")
    assert {(fault.layer, fault.row) for fault in caught.value.faults} == {
        ("version", 1),
        ("sources", 2),
        ("colour", 3),
        ("datum", 4),
        ("persons", 5),
        ("roles.atmos", 7),
        ("roles.atoms", 8),
        ("fields.atoms.hh", 10),
        ("fields.nobody", 11),
    }


@pytest.mark.parametrize(
    "content",
    [b"a = ", b"\xff", b"a = 1\na = 2", b"a = " + b"[" * 100_000, b"[x]\n" * 300_000, b"{}"],
    ids=["cut", "bytes", "twice", "nested", "large", "json"],
)
def test_broken_mappings_are_refused(tmp_path, content):
    """Text that is no TOML, or bursts, ends in one error."""
    (tmp_path / "map.toml").write_bytes(content)
    with pytest.raises(InputError):
        read_mapping(tmp_path / "map.toml")


def test_a_mapping_stands_alone(tmp_path):
    """Sources or options beside a mapping are wrong usage, as it is not clear which would win."""
    (tmp_path / "map.toml").write_text('version = 1\nsources = ["t.gpkg"]\n')
    said = run("import", "t.gpkg", "--mapping", tmp_path / "map.toml", "-o", tmp_path / "o.gpkg")
    assert said.exit_code == 2
    assert "a mapping says everything" in said.stderr
