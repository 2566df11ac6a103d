"""T-joins of real street graphs against integer programming."""

from itertools import islice

import pytest

from benchmarks.quality.walks import compared, squares
from tests.shared import shared

TOWNS = {
    "Wuhan": ("cn_wuhan_streets", "wuhan_8989_original.parquet"),
    "Monaco": ("mc_monaco", "monaco.osm.pbf"),
    "Lower Manhattan": ("us_manhattan_lower", "us_manhattan_lower.gpkg"),
    "Heidelberg": ("de_heidelberg_streets", "heidelberg.test.pbf"),
}
GRAPHS = 10


@pytest.mark.slow
@pytest.mark.parametrize("town", TOWNS)
def test_tjoin_equals_integer_programming_on_real_streets(town):
    """On street graphs cut from a real town the T-join weighs what integer programming proves to be least."""
    pytest.importorskip("geopandas")
    graphs = list(islice(squares(shared("places", *TOWNS[town]), GRAPHS), GRAPHS))
    assert len(graphs) == GRAPHS
    for graph in graphs:
        found, least, _ = compared(*graph)
        assert found == least
