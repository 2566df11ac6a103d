"""Help is Chinese for who speaks Chinese, and errors in documents too."""

from __future__ import annotations

import inspect
import re

import click
import pytest

from gridgeo.cli import VERBS, gridgeo
from gridgeo.cli.help import EXAMPLES, columns
from gridgeo.words.chinese.help import HEADINGS, HELP
from tests.cli.terminal import document, run

CHINESE = re.compile("[一-鿿]")
TYPED = re.compile(r"--[a-z-]+|[A-Z]{3,}")
ENGLISH_PROSE = re.compile(r"[A-Z]?[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def commands() -> list[click.Command]:
    """The group and every verb."""
    return [gridgeo, *(gridgeo.get_command(None, verb) for verb in VERBS)]


def options(command: click.Command) -> list[click.Option]:
    """The options of a command, --help among them."""
    context = click.Context(command, help_option_names=["-h", "--help"])
    return [param for param in command.get_params(context) if isinstance(param, click.Option)]


def said() -> set[str]:
    """Every paragraph and help of an option."""
    texts = set(VERBS.values())
    for command in commands():
        texts |= set(inspect.cleandoc(command.help).split("\n\n"))
        texts |= {option.help or f"{command.name} {option.opts} has no help" for option in options(command)}
    return {" ".join(text.split()) for text in texts}


def test_every_option_and_command_has_its_chinese():
    """Each paragraph of help, each option and each verb of the list has a Chinese text, and no text is left over."""
    assert len(said()) > 150
    assert not said() - set(HELP), "add these to gridgeo/words/chinese/help.py"
    assert not set(HELP) - said(), "nobody says these any more"


def test_chinese_help_names_what_the_english_names():
    """Options, files and other words that are typed stand in both languages."""
    for english, chinese in HELP.items():
        assert CHINESE.search(chinese), english
        assert set(TYPED.findall(english)) - {"MIN", "MAX", "CRS"} <= set(TYPED.findall(chinese)), english


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_is_chinese(verb):
    """--help of every verb has no English sentence left and fits a terminal of 80 columns."""
    words = [verb] if verb else []
    result = run("--lang", "zh", *words, "--help", COLUMNS="80")
    assert result.exit_code == 0
    told, *examples = result.stdout.split("示例：\n")
    assert told.startswith("用法：gridgeo") and "选项：" in told
    assert not ENGLISH_PROSE.search(told)
    assert max(map(columns, told.splitlines())) <= 80
    assert len(examples) == bool(verb)


@pytest.mark.parametrize("verb", VERBS)
def test_examples_can_be_typed(verb):
    """Each example is a call of its verb whose options there are."""
    assert EXAMPLES[verb]
    for line in EXAMPLES[verb]:
        name, called, *words = line.split(" > ")[0].split()
        assert (name, called) == ("gridgeo", verb)
        command = gridgeo.get_command(None, verb)
        missing = [word for word in words if word.endswith((".gpkg", ".shp", ".json", ".pbf"))]
        context = click.Context(command, info_name=verb, resilient_parsing=True)
        values, rest, _ = command.make_parser(context).parse_args(list(words))
        assert not rest and (values or missing)
        assert line in run(verb, "--help", COLUMNS="80").stdout


def test_the_locale_decides(monkeypatch):
    """Without --lang a Chinese LANG makes help Chinese; --lang en is stronger."""
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    assert "用法：" in run("draw", "--help", lang="").stdout
    assert "Usage:" in run("--lang", "en", "draw", "--help", lang="").stdout
    assert "Usage:" in run("--lang", "en", "--help", lang="").stdout


def test_headings_of_help_are_known():
    """What click itself writes is told in Chinese: the required option and the default."""
    told = run("--lang", "zh", "draw", "-h").stdout
    assert f"[{HEADINGS['required']}]" in told and f"[{HEADINGS['default: ']}normal]" in told


def test_errors_of_documents_are_in_the_language(tmp_path):
    """Message and hint follow the language, code and kind do not."""
    english, chinese = (
        document(run("--lang", lang, "check", tmp_path / "none.gpkg", "--json"))["error"] for lang in ("en", "zh")
    )
    assert (english["message"], chinese["message"]) == ("no such file", "没有此文件")
    assert chinese["hint"] == "请检查文件名和文件夹"
    assert (english["code"], english["kind"]) == (chinese["code"], chinese["kind"]) == ("input", "input")


def test_wrong_options_of_documents_are_in_the_language(tmp_path):
    """A wrong option is told in the language in the document too."""
    english, chinese = (document(run("--lang", lang, "draw", "--nothing", "--json"))["error"] for lang in ("en", "zh"))
    assert english["kind"] == chinese["kind"] == "usage"
    assert not CHINESE.search(english["message"] + english["hint"])
    assert CHINESE.search(chinese["message"]) and CHINESE.search(chinese["hint"])
