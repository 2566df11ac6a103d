"""T-joins of real street graphs against integer programming."""

import numpy as np
import pytest

from gridgeo.core.kernel.graph import components
from gridgeo.core.kernel.tjoin import tjoin
from tests.shared import shared


def town_edges():
    """Ends and lengths (mm) of the streets of a real city, nodes by coordinates, and the middle of each edge."""
    gpd = pytest.importorskip("geopandas")
    import shapely

    frame = gpd.read_parquet(shared("places", "cn_wuhan_streets", "wuhan_8989_original.parquet"))
    lines = frame.to_crs(32650).geometry.explode().to_numpy()
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]).round(3)
    _, node = np.unique(ends, axis=0, return_inverse=True)
    m = len(lines)
    middle = (ends[:m] + ends[m:]) / 2
    length = np.maximum(1, np.rint(shapely.length(lines) * 1000)).astype(np.int64)
    return node.ravel()[:m], node.ravel()[m:], length, middle


def least_join(n, u, v, weight, odd):
    """Weight of a minimum T-join by integer programming, and its proven bound."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, eye_array, hstack

    m = len(u)
    edge = np.arange(m)
    incidence = coo_array((np.ones(2 * m), (np.r_[u, v], np.r_[edge, edge])), shape=(n, m))
    wanted = np.isin(np.arange(n), odd).astype(float)
    rows = hstack([incidence, -2 * eye_array(n)], format="csr")
    solved = milp(
        np.r_[weight / 1000.0, np.zeros(n)],
        constraints=LinearConstraint(rows, wanted, wanted),
        integrality=np.ones(m + n),
        bounds=Bounds(0, np.r_[np.ones(m), np.full(n, np.inf)]),
        options={"mip_rel_gap": 0.0},
    )
    return solved.fun


@pytest.mark.slow
def test_tjoin_equals_integer_programming_on_real_streets():
    """On street graphs cut from a real city the T-join weighs what integer programming proves to be least."""
    tail, head, length, middle = town_edges()
    rng = np.random.default_rng(1)
    compared = 0
    for center in middle[rng.choice(len(middle), 30, replace=False)]:
        near = np.flatnonzero(np.abs(middle - center).max(axis=1) < 500)
        names, local = np.unique(np.concatenate([tail[near], head[near]]), return_inverse=True)
        u, v = local[: len(near)], local[len(near) :]
        part = components(len(names), u, v)
        big = part[u] == np.bincount(part).argmax()
        u, v, weight = u[big], v[big], length[near][big]
        odd = np.flatnonzero(np.bincount(np.r_[u, v], minlength=len(names)) % 2)
        if len(odd) == 0 or len(u) > 400:
            continue
        found = int(weight[tjoin(len(names), u, v, weight, odd)].sum()) / 1000
        assert found == pytest.approx(least_join(len(names), u, v, weight, odd), abs=2e-3)
        compared += 1
    assert compared >= 10
