"""The page that says, in both languages, what each file of a hand-over is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from gridgeo.words import say

STYLE = """
body{font:15px/1.55 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1f2a33;
margin:2.5em auto;max-width:52em;padding:0 1em}
h1{font-size:1.5em;margin:1.6em 0 .2em}h1:first-of-type{margin-top:0}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35em 1em .35em 0;
border-bottom:1px solid #d5dade}th{color:#6b757d;font-weight:400}a{color:#1b6ca8}p{color:#6b757d}
"""


def guide_page(name: str, files: Sequence[tuple[str, str]], facts: dict[str, str], lang: str) -> bytes:
    r"""The page as HTML that loads nothing from elsewhere; the chosen language stands first.

    Parameters
    ----------
    name
        Name of the territory.
    files
        Name of each file or folder, and the kind of sentence that says what it is.
    facts
        Facts of the sentence `register-facts`.
    lang
        "en" or "zh".

    Examples
    --------
    >>> page = guide_page("A & B", [("register.xlsx", "guide-register")], {}, "zh").decode()
    >>> "A &amp; B网格移交成果" in page and "<td><a href=\"register.xlsx\">" in page
    True
    """
    first = (lang, "zh" if lang == "en" else "en")
    parts = [_part(name, files, facts, one) for one in first]
    title = escape(say("guide-title", lang, name=name))
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"
    ).encode()


def _part(name: str, files: Sequence[tuple[str, str]], facts: dict[str, str], lang: str) -> str:
    rows = "".join(
        f'<tr><td><a href="{escape(quote(file))}">{escape(file)}</a></td><td>{escape(say(what, lang))}</td></tr>'
        for file, what in files
    )
    head = f"<tr><th>{escape(say('guide-file', lang))}</th><th>{escape(say('guide-what', lang))}</th></tr>"
    return (
        f'<section lang="{lang}"><h1>{escape(say("guide-title", lang, name=name))}</h1>'
        f"<p>{escape(say('register-facts', lang, **facts))}</p><table>{head}{rows}</table>"
        f"<p>{escape(say('guide-note', lang))}</p></section>"
    )
