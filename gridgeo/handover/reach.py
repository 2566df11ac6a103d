"""The response-time map: streets colored by the minutes somebody needs to get there, and the homes nobody reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridgeo.handover.picture import INK, Painter, fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridgeo.core.dispatch import Gap

# light to dark with time, apart for eyes that do not see red or green
SHADES = ("#0a6f5c", "#3fa796", "#d9b44a", "#c8793a", "#8a3b3b", "#5b2a4a")


def paint_reach(rings: Sequence[Any], labels: Sequence[str], gaps: Sequence[Gap]) -> Painter:
    """Streets within each time (MultiLineStrings, innermost first) with a legend, and gaps as crosses."""

    def paint(axes: Axes) -> None:
        from matplotlib.collections import LineCollection

        for i, (ring, label) in reversed(list(enumerate(zip(rings, labels, strict=True)))):
            parts = [shapely.get_coordinates(part) for part in shapely.get_parts(ring)]
            color = SHADES[min(i, len(SHADES) - 1)]
            axes.add_collection(LineCollection(parts, colors=color, linewidths=1.6, zorder=6 + len(rings) - i))
            axes.plot([], [], color=color, lw=3, label=label)
        if gaps:
            xy = np.array([gap.xy for gap in gaps])
            axes.scatter(xy[:, 0], xy[:, 1], marker="x", s=14, color=INK, lw=0.8, zorder=20)
        handles, names = axes.get_legend_handles_labels()
        axes.legend(
            handles[::-1], names[::-1], loc="upper left", fontsize=8, framealpha=0.9,
            prop={"family": fonts("".join(labels)), "size": 8},
        )  # fmt: skip

    return paint
