"""Unit cards to print: an HTML page for each language, whole in itself, one unit a sheet, the overdue in front."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from gridgeo.words import say, told

if TYPE_CHECKING:
    from datetime import date

    from gridgeo.core.dispatch import UnitCard
    from gridgeo.core.model import Notice

LANGUAGES = {"en": "en", "zh": "zh-CN"}
DRILLS = ("drill-overdue", "never-drilled")
STYLE = """
body{font:14px/1.5 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:#24303a;
margin:2em auto;max-width:46em}
h1{font-size:1.5em;margin:0 0 .2em}h2{font-size:1em;margin:1.2em 0 .3em;border-bottom:1px solid #8a949c}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.2em .6em .2em 0;border-bottom:1px solid #dde1e4}
td.n{text-align:right;font-variant-numeric:tabular-nums}ul{list-style:none;margin:0;padding:0}
li::before,td.box::before{content:"\\2610\\00a0"}.sign{margin-top:2em;color:#5c656c}
section{break-after:page;margin-bottom:3em}section:last-child{break-after:auto}
@media print{body{margin:0;max-width:none}@page{size:A4;margin:18mm}}
"""


def cards_page(cards: Sequence[UnitCard], lang: str, today: date) -> str:
    """All cards as one HTML page: a sheet of what is overdue, then a sheet for each unit.

    Parameters
    ----------
    cards
        Cards in the order they are to be printed.
    lang
        "en" or "zh".
    today
        Day the cards were made for.
    """
    title = say("table-teams", lang)
    sheets = [_overview(cards, lang, today), *(_sheet(card, lang) for card in cards)]
    return (
        f'<!doctype html>\n<html lang="{LANGUAGES[lang]}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(sheets)
        + "\n</body></html>\n"
    )


def overdue(cards: Iterable[UnitCard]) -> list[Notice]:
    """Drills overdue or never held: the longest overdue first, those never held in front of all."""
    found = [notice for card in cards for notice in card.open if notice.kind in DRILLS]
    return sorted(found, key=lambda notice: -float(str(dict(notice.facts).get("days", "inf"))))


def _overview(cards: Sequence[UnitCard], lang: str, today: date) -> str:
    late = overdue(cards)
    head = say("card-all", lang, units=len(cards), open=sum(bool(card.open) for card in cards))
    body = _items(told(notice, lang) for notice in late) if late else _p(say("card-none-overdue", lang))
    words = (say("card-day", lang, day=today.isoformat()), head, say("card-print", lang))
    return (
        f"<section><h1>{escape(say('table-teams', lang))}</h1>"
        + "".join(_p(line) for line in words)
        + _h2(say("card-overdue", lang))
        + body
        + "</section>"
    )


def _sheet(card: UnitCard, lang: str) -> str:
    title = say("card-title", lang, unit=card.unit)
    label = " · ".join(text for text in (card.name, card.kind) if text)
    parts = [f"<section><h1>{escape(title)}</h1>", _p(label), _team(card, lang), _equipment(card, lang)]
    parts += [_h2(say("card-plan", lang)), _p(card.plan or say("card-none", lang)), _drills(card, lang)]
    parts += [_h2(say("card-open", lang)), _open(card, lang), _sign(lang), "</section>"]
    return "".join(parts)


def _team(card: UnitCard, lang: str) -> str:
    team = [one for one in (card.lead, *card.members) if one is not None]
    rows = [(say(f"role-{one.role}", lang), one.responder, str(one.walk_s)) for one in team]
    if card.lead is None:
        rows.insert(0, (say("role-lead", lang), say("card-none", lang), ""))
    head = (say("role", lang), say("card-post", lang), say("walk_s", lang))
    return _h2(say("card-team", lang)) + _table(head, rows)


def _equipment(card: UnitCard, lang: str) -> str:
    if not card.equipment:
        return _h2(say("card-equipment", lang)) + _p(say("card-none", lang))
    rows = [(item.name, str(item.there), str(item.wanted)) for item in card.equipment]
    head = (say("card-item", lang), say("card-there", lang), say("card-wanted", lang))
    return _h2(say("card-equipment", lang)) + _table(head, rows, box=True)


def _drills(card: UnitCard, lang: str) -> str:
    rows = [
        (say(name, lang), day.isoformat() if day else say("card-none", lang))
        for name, day in (("card-last-drill", card.last_drill), ("card-next-drill", card.next_drill))
    ]
    return _h2(say("card-drills", lang)) + _table((), rows)


def _open(card: UnitCard, lang: str) -> str:
    if not card.open:
        return _p(say("card-nothing-open", lang))
    return _items(told(notice, lang) for notice in card.open)


def _sign(lang: str) -> str:
    lines = " ".join(f"{escape(say(name, lang))} ____________________" for name in ("card-checked", "card-signed"))
    return f'<p class="sign">{lines}</p>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, box: bool = False) -> str:
    """A table; numbers to the right, and a box to tick before the first column where asked for."""
    top = "<tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + "</tr>" if head else ""
    body = "".join(
        "<tr>" + "".join(_cell(text, box=box and i == 0) for i, text in enumerate(row)) + "</tr>" for row in rows
    )
    return f"<table>{top}{body}</table>"


def _cell(text: str, *, box: bool) -> str:
    kind = ' class="box"' if box else ' class="n"' if text.isdigit() else ""
    return f"<td{kind}>{escape(text)}</td>"


def _items(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _p(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _h2(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"
