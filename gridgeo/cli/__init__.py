"""The command line: parse, call the hall, print. One file a verb; verbs load only when they are called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO, Any

import click

from gridgeo import __version__
from gridgeo.cli.console import CANCELLED, Desk, explain
from gridgeo.cli.help import Page, lang_of
from gridgeo.cli.talk import LANGUAGES, Talk, language
from gridgeo.errors import GridgeoError
from gridgeo.words import say
from gridgeo.words.translate import translated

VERBS = {
    "demo": "The whole job on the sample town: draw, check, patrol, assign, hand over.",
    "import": "Any supported source -> one territory file.",
    "inspect": "What is in a file, and what is missing for which verb.",
    "draw": "Territory -> plan: grids in the size band, with proof.",
    "edit": "Change a plan by hand: move, merge, split, lock, rename, mend the rest, undo.",
    "check": "Prove that grids cover the territory exactly once, or list every fault.",
    "repair": "Propose an edit for every fault; carry them out.",
    "compare": "What changed between two plans.",
    "patrol": "Plan -> walking routes of provably least length.",
    "assign": "Emergency units <- nearby responders, exactly.",
    "alarm": "Nearest responders and units for an alarm, in order.",
    "reach": "Who lives within a walk of a station; where to stand next.",
    "footings": "What changes between two states of readiness.",
    "tens": "Plan -> groups of about ten neighboring households.",
    "pair": "Departments <-> communities, by capacity and preference.",
    "handover": "Plan -> register, map book, QR sheets: the papers of an office.",
    "serve": "The API and the map page.",
    "key": "Keys of a project: make, list, revoke.",
    "fsck": "Is a project whole? Read again and prove everything kept.",
    "backup": "Copy a project into one file while others work with it.",
    "copy": "Copy a project between files and databases.",
}
MODULES = {"import": "gridgeo.cli.import_"}
AS_JSON = "gridgeo.json"


class Misuse(click.UsageError):
    """Options that cannot be read, told in Chinese: click knows English only."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on stderr."""
        path = self.ctx.command_path if self.ctx else "gridgeo"
        click.echo(say("wrong-usage", "zh", message=self.message, path=path), file=file, err=True)


@contextmanager
def wrong_usage(ctx: click.Context) -> Iterator[None]:
    """Tell of options that cannot be read as JSON too, before click says it on stderr; end with 130 on Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        ctx.exit(CANCELLED)
    except click.UsageError as error:
        lang = lang_of(ctx)
        param = getattr(error, "param", None)
        message = translated(error.format_message(), lang)
        told = {"code": "usage", "kind": "usage", "message": message, "where": "", "hint": say("see-help", lang)}
        if isinstance(param, click.Parameter):
            told["where"] = param.opts[-1]
        Desk(Talk(lang=lang), as_json=ctx.meta[AS_JSON]).document({"error": told})
        if lang == "en" or isinstance(error, click.exceptions.NoArgsIsHelpError):
            raise
        raise Misuse(message, error.ctx) from error


class Verbs(click.Group):
    """A group that imports a verb's module only when that verb is called."""

    context_class = Page

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options of the group; whether the verb will be asked for JSON is remembered."""
        ctx.meta[AS_JSON] = "--json" in args
        with wrong_usage(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the verb."""
        with wrong_usage(ctx):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order of the work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None when there is no such verb."""
        if cmd_name not in VERBS:
            return None
        module = import_module(MODULES.get(cmd_name, f"gridgeo.cli.{cmd_name}"))
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table above, importing none of them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gridgeo")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), is_eager=True, help="Language of messages (default: your locale)."
)
@click.pass_context
def gridgeo(ctx: click.Context, lang: str | None) -> None:
    """Divide a territory into grids, prove the cover, walk it, and answer alarms.

    Data goes to stdout, messages to stderr. Exit codes: 0 ok, 1 rules broken, 2 bad input,
    3 infeasible with proof, 4 time limit (best so far kept), 70 gridgeo itself failed,
    130 cancelled (best so far kept).
    """
    try:
        ctx.obj = Talk(lang=language(lang), serve=ctx.obj)
    except GridgeoError as error:
        ctx.exit(explain(Desk(Talk(lang=lang or "en"), as_json=ctx.meta[AS_JSON]), error))
