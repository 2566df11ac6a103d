"""Everything on one set of vertices: streets, faces, communities and boundary that agree to the millimetre."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

from town.shapes import Street, noded, noded_streets, rounded
from town.skeleton import Skeleton

BEYOND_M = 60.0


@dataclass(frozen=True)
class Ground:
    """The finished ground: street pieces, faces between lines with their community, boundary, barriers."""

    streets: list[Street]
    faces: list[Polygon]
    face_community: np.ndarray
    communities: list[Polygon]
    boundary: Polygon
    river: Polygon
    railway: LineString
    canal: LineString

    def merged(self, faces: np.ndarray) -> Polygon:
        """Faces (row numbers) as one shape that keeps every vertex."""
        return shapely.coverage_union_all([self.faces[i] for i in faces.tolist()])


def _as_drawn(pieces: np.ndarray, origin: np.ndarray, line: int) -> list[LineString]:
    """Pieces of one drawn line put together again, every vertex kept."""
    return list(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pieces[origin == line]))))


def river_shape(line: LineString) -> Polygon:
    """The river's water: banks that come and go about 30 to 42 metres from its middle line."""
    at = np.linspace(0, line.length, 90)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    along = np.gradient(middle, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    left = 36 + 4 * np.sin(at / 130) + 2 * np.sin(at / 41)
    right = 36 + 4 * np.cos(at / 150) + 2 * np.sin(at / 37)
    return Polygon(np.vstack([middle + normal * left[:, None], (middle - normal * right[:, None])[::-1]]))


def finish(skeleton: Skeleton, streets: list[Street], paths: list[Street]) -> Ground:
    """Node all lines together once; faces come from streets, barriers and edges, not from inner paths."""
    ways = [*streets, *paths]
    lines = [*(w.line for w in ways), skeleton.river_line, skeleton.railway, *skeleton.edges]
    pieces, origin = noded(lines)
    whole = [replace(w, line=part) for i, w in enumerate(ways) for part in _as_drawn(pieces, origin, i)]
    outline = (origin < len(streets)) | (origin >= len(ways))
    faces = shapely.get_parts(shapely.polygonize(pieces[outline]))
    shapes = STRtree([c.shape for c in skeleton.communities])
    row, community = shapes.query(shapely.point_on_surface(faces), predicate="within")
    order = row[np.lexsort((shapely.get_y(shapely.centroid(faces[row])), shapely.get_x(shapely.centroid(faces[row]))))]
    owner = np.full(len(faces), -1)
    owner[row] = community
    kept, owner = list(faces[order]), owner[order]
    communities = [
        shapely.coverage_union_all([kept[i] for i in np.flatnonzero(owner == c)])
        for c in range(len(skeleton.communities))
    ]
    boundary = shapely.coverage_union_all(communities)
    # river and railway go on beyond the territory, under the streets that edge it
    around = boundary.buffer(BEYOND_M)
    rails = shapely.line_merge(shapely.multilinestrings(_as_drawn(pieces, origin, len(ways) + 1)))
    railway = rounded(rails.intersection(around))
    river = rounded(river_shape(skeleton.river_line).intersection(around))
    canal = rounded(skeleton.canal.intersection(boundary))
    return Ground(noded_streets(whole), kept, owner, communities, boundary, river, railway, canal)
