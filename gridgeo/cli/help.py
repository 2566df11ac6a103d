"""`--help` in the person's language, with examples that can be typed as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from unicodedata import east_asian_width

import click

from gridgeo.cli.talk import Talk, language
from gridgeo.errors import GridgeoError
from gridgeo.words.chinese.help import HEADINGS, HELP

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("gridgeo demo --out out --serve",),
    "import": (
        "gridgeo import town.gpkg --role streets=roads -o territory.gpkg",
        "gridgeo import town.osm.pbf --area 东城区 -o territory.gpkg",
    ),
    "inspect": ("gridgeo inspect territory.gpkg --picture territory.png", "gridgeo inspect roads.shp"),
    "draw": (
        "gridgeo draw territory.gpkg -o plan.gpkg --households 300 500",
        "gridgeo draw grown.gpkg -o next.gpkg --from plan.gpkg --lock G1",
    ),
    "edit": ("gridgeo edit plan.gpkg --merge G1 G2 -o new.gpkg", "gridgeo edit new.gpkg --undo 1 -o plan.gpkg"),
    "check": (
        "gridgeo check plan.gpkg -o faults.geojson",
        "gridgeo check grids.shp --boundary town.gpkg:boundary --households 300 500",
    ),
    "repair": ("gridgeo repair grids.gpkg -o fixed.gpkg --apply",),
    "compare": ("gridgeo compare plan.gpkg next.gpkg -o moved.geojson",),
    "patrol": (
        "gridgeo patrol plan.gpkg -o plan.gpkg --rounds 2 --days 7 --gpx gpx",
        "gridgeo patrol plan.gpkg -o plan.gpkg --mode stops --minutes 120",
    ),
    "assign": ("gridgeo assign plan.gpkg -o plan.gpkg --members 5 --lead",),
    "alarm": ("gridgeo alarm territory.gpkg --at 116.39,39.91 --nearest 5",),
    "reach": ("gridgeo reach territory.gpkg --minutes 3 --minutes 5 --station 2",),
    "footings": ("gridgeo footings territory.gpkg normal level-1",),
    "tens": ("gridgeo tens plan.gpkg --json > tens.json",),
    "pair": ("gridgeo pair departments.json --json",),
    "handover": ("gridgeo handover plan.gpkg -o handover --start 2026-01-01",),
    "serve": ("gridgeo serve plan.gpkg --port 8000",),
    "key": ("gridgeo key add plan.gpkg --role planner --days 90", "gridgeo key list plan.gpkg"),
    "fsck": ("gridgeo fsck plan.gpkg",),
    "backup": ("gridgeo backup plan.gpkg -o copy.gpkg",),
    "copy": ("gridgeo copy plan.gpkg postgresql://gridgeo@localhost/town",),
}
_EXTRA = "  ["
"""What click sets between the help of an option and its default."""
_TOKEN = re.compile(r"[（“\[]*(?:[!-~]+|[^\x00-\x7f])[，。；：、）”！？…]*|\s+")
"""What stays on one line: a word, or a Chinese character with the marks around it."""


def lang_of(ctx: click.Context) -> str:
    """Language of the person, known or not yet read."""
    if isinstance(ctx.obj, Talk):
        return ctx.obj.lang
    with suppress(GridgeoError):
        return language(ctx.params.get("lang"))
    return "en"


def columns(text: str) -> int:
    """Columns of a terminal that a text takes.

    >>> columns("plan"), columns("方案")
    (4, 4)
    """
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def folded(text: str, width: int) -> list[str]:
    """A Chinese text in lines of at most so many columns, words and marks not torn off.

    >>> folded("要写的方案，文件 plan.gpkg。", 14)
    ['要写的方案，文', '件 plan.gpkg。']
    """
    lines = [""]
    for token in _TOKEN.findall(text):
        if columns(lines[-1] + token.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += token if lines[-1] else token.lstrip()
    return [line.rstrip() for line in lines]


def in_chinese(text: str) -> str:
    """A paragraph or the help of an option, its default beside it, in Chinese.

    >>> in_chinese("Walks a day.  [default: 2]")
    '每天的轮次。 [默认：2]'
    >>> in_chinese("nobody wrote this")
    'nobody wrote this'
    """
    help, _, extra = text.partition(_EXTRA)
    told = HELP.get(" ".join(help.split()), help)
    for english in ("default: ", "required"):
        extra = extra.replace(english, HEADINGS[english])
    return f"{told} [{extra}" if extra else told


class ChineseHelp(click.HelpFormatter):
    """click's help page with its words in Chinese, folded by what they measure."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that says how a command is called."""
        args = args.replace("[OPTIONS]", HEADINGS["[OPTIONS]"])
        super().write_usage(prog, args, prefix or HEADINGS["Usage:"])

    def write_heading(self, heading: str) -> None:
        """A heading."""
        self.write(f"{'':>{self.current_indent}}{HEADINGS[heading]}\n")

    def write_text(self, text: str) -> None:
        """Paragraphs."""
        width = self.width - self.current_indent
        told = (folded(in_chinese(part), width) for part in text.split("\n\n"))
        super().write_text("\n\n".join("\b\n" + "\n".join(lines) for lines in told))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean."""
        rows = list(rows)
        first = min(max(len(term) for term, _ in rows), col_max) + col_spacing
        width = max(self.width - first - 2, 10)
        told = [(term, "\b\n" + "\n".join(folded(in_chinese(text), width))) for term, text in rows]
        super().write_dl(told, col_max, col_spacing)


class Page(click.Context):
    """A call whose help is written in the person's language."""

    def make_formatter(self) -> click.HelpFormatter:
        """What the help page is written with."""
        kind = ChineseHelp if lang_of(self) == "zh" else click.HelpFormatter
        return kind(width=self.terminal_width, max_width=self.max_content_width)


class Command(click.Command):
    """A verb whose help ends with examples."""

    context_class = Page

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands as they are typed, whole on their lines."""
        with formatter.section("Examples"):
            for line in EXAMPLES[str(self.name)]:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
