"""The command line: parse, call the hall, print. One file a verb; verbs load only when they are called."""

from __future__ import annotations

from importlib import import_module

import click

from gridgeo import __version__
from gridgeo.cli.console import LANGUAGES, Talk, language

VERBS = {
    "demo": "The whole job on the sample town: draw, check, patrol, assign, picture.",
    "import": "Any supported source -> one territory file.",
    "inspect": "What is in a file, and what is missing for which verb.",
    "draw": "Territory -> plan: grids in the size band, with proof.",
    "check": "Prove that grids cover the territory exactly once, or list every fault.",
    "repair": "Propose an edit for every fault; carry them out.",
    "compare": "What changed between two plans.",
    "patrol": "Plan -> walking routes of provably least length.",
    "assign": "Emergency units <- nearby responders, exactly.",
    "alarm": "Nearest responders and units for an alarm, in order.",
    "reach": "Who lives within a walk of a station; where to stand next.",
    "serve": "The API and the map page.",
}
MODULES = {"import": "gridgeo.cli.import_"}


class Verbs(click.Group):
    """A group that imports a verb's module only when that verb is called."""

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
@click.option("--lang", type=click.Choice(LANGUAGES), default=None, help="Language of messages (default: your locale).")
@click.pass_context
def gridgeo(ctx: click.Context, lang: str | None) -> None:
    """Divide a territory into grids, prove the cover, walk it, and answer alarms.

    Data goes to stdout, messages to stderr. Exit codes: 0 ok, 1 rules broken, 2 bad input,
    3 infeasible with proof, 4 time limit (best so far kept), 130 cancelled (best so far kept).
    """
    ctx.obj = Talk(lang=language(lang), serve=ctx.obj)
