"""What every verb shares with the person at the terminal: messages, progress, one JSON document, exit codes."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from tempfile import NamedTemporaryFile
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.compiling import told_of_compiling
from gridgeo.cli.help import Command
from gridgeo.cli.quiet import native_output_on_stderr
from gridgeo.cli.talk import Talk, language
from gridgeo.errors import BackendError, BrokenRuleError, Fault, GridgeoError, InfeasibleError, SchemaError
from gridgeo.stop import Cancelled, MaxSeconds
from gridgeo.words import say, told
from gridgeo.words.translate import translated

if TYPE_CHECKING:
    from rich.console import Console

    from gridgeo.core.model import Notice, Progress
    from gridgeo.settings import Settings

OK, BROKEN, BAD_INPUT, INFEASIBLE, TIME_LIMIT, INTERNAL, CANCELLED = 0, 1, 2, 3, 4, 70, 130
SHOWN_NOTICES = 5
SHOWN_ROWS = 8


class Desk:
    """One verb's talk with the person: words to stderr, data to stdout, at most one JSON document."""

    def __init__(self, talk: Talk, *, as_json: bool) -> None:
        self.lang = talk.lang
        self._serve = talk.serve
        self.as_json = as_json
        self.cancelled = Cancelled()
        self._late = False
        self._start = time.monotonic()

    def serve(self, settings: Settings) -> None:
        """Run the web service until it is stopped.

        Raises
        ------
        BackendError
            The command line was called without a service.
        """
        if self._serve is None:
            raise BackendError("no web service is wired to this command line", hint="run gridgeo serve")
        facts = {"path": settings.project, "host": settings.host, "port": str(settings.port)}
        self._serve(settings, lambda: self.say("serving", **facts))

    @functools.cached_property
    def messages(self) -> Console:
        """Rich console on stderr."""
        from rich.console import Console

        return Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, sentence: str, /, **facts: Any) -> None:
        """One sentence on stderr, in the person's language."""
        self.messages.print(say(sentence, self.lang, **facts), markup=False)

    def notices(self, notices: Iterable[Notice]) -> None:
        """Warnings, the first few of each kind as sentences and the rest as a number."""
        seen: dict[str, int] = {}
        for notice in notices:
            seen[notice.kind] = seen.get(notice.kind, 0) + 1
            if seen[notice.kind] <= SHOWN_NOTICES:
                self.messages.print("- " + told(notice, self.lang), markup=False)
        for kind, count in seen.items():
            if count > SHOWN_NOTICES:
                self.say("more-of-kind", kind=kind, count=count - SHOWN_NOTICES)

    def table(self, title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table on stdout, unless it is empty or a JSON document will be printed."""
        rows = list(rows)
        if self.as_json or not rows:
            return
        from rich.console import Console
        from rich.table import Table

        table = Table(title=say(title, self.lang), title_justify="left")
        for i, name in enumerate(header):
            table.add_column(say(name, self.lang), justify="left" if i == 0 else "right", overflow="fold")
        for row in rows:
            table.add_row(*(str(cell) for cell in row))
        Console(highlight=False, soft_wrap=not sys.stdout.isatty()).print(table)

    def lines(self, title: str, rows: Iterable[tuple[str, object]]) -> None:
        """A two-column table: name, value."""
        self.table(title, ("what", "value"), [(say(name, self.lang), value) for name, value in rows])

    def yes(self, answer: bool) -> str:
        """Yes or no, in the person's language."""
        return say("yes" if answer else "no", self.lang)

    @property
    def seconds(self) -> float:
        """Seconds since the verb started."""
        return round(time.monotonic() - self._start, 3)

    def document(self, document: object) -> None:
        """Print the one JSON document, when it was asked for."""
        if self.as_json:
            click.echo(json.dumps(plain(document), ensure_ascii=False, allow_nan=False))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress bars on stderr, quiet when it is no terminal; what solvers print goes there too."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        from gridgeo.core.model import Stage

        bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[done]}", style="dim"),
            console=self.messages,
            disable=not self.messages.is_terminal,
        )
        tasks: dict[str, Any] = {}

        def show(stage: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(say(f"stage-{stage}", self.lang), total=1.0, done="")
            done = told(stage.done, self.lang) if isinstance(stage, Stage) else ""
            bars.update(tasks[stage], completed=min(share, 1.0), done=done)

        with native_output_on_stderr(), told_of_compiling(lambda: self.say("compiling")), bars:
            yield show

    @contextmanager
    def stopping(self, seconds: float | None = None, *, keeps: bool = True) -> Iterator[Callable[[], bool]]:
        """Stop rule for long work: the time limit, or Ctrl-C (a second Ctrl-C ends at once).

        `keeps` tells whether work cut short is kept, for what is said on Ctrl-C.
        """
        clock = MaxSeconds(seconds) if seconds is not None else None

        def cancel(number: int, frame: FrameType | None) -> None:
            if self.cancelled():
                raise KeyboardInterrupt
            self.cancelled.cancel()
            self.say("cancelling" if keeps else "stopping")

        def stop() -> bool:
            self._late = self._late or (clock is not None and clock())
            return self._late or self.cancelled()

        before = signal.signal(signal.SIGINT, cancel)
        try:
            yield stop
        finally:
            signal.signal(signal.SIGINT, before)

    def exit_code(self, otherwise: int = OK) -> int:
        """Cancelled, time limit (where it cut the work short), or the given code."""
        if self.cancelled():
            return CANCELLED
        if self._late:
            self.say("time-limit")
            return TIME_LIMIT
        return otherwise


def plain(value: Any) -> Any:
    """The value with numpy scalars, tuples and mappings made plain; a number that is not finite becomes null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def explain(desk: Desk, error: GridgeoError) -> int:
    """Print an error in the person's language; return the exit code."""
    message = fault_list(error, desk.lang) if isinstance(error, SchemaError) else sentence(error, desk.lang)
    desk.say("error", title=say(f"error-{error.code}", desk.lang), message=message)
    told: dict[str, Any] = {"code": error.code, "kind": error.code, "where": error.where} | in_words(error, desk.lang)
    if isinstance(error, SchemaError):
        told["faults"] = [vars(fault) | in_words(fault, desk.lang) for fault in error.faults]
    if isinstance(error, InfeasibleError):
        told |= {"proof": error.proof, "ways_out": list(error.ways_out)}
        for way in error.ways_out:
            sure = say("way-out-certain" if way["certain"] else "way-out-arithmetic", desk.lang)
            desk.say(f"way-out-{way['kind']}", **{**way, "sure": sure})
    if isinstance(error, BrokenRuleError):
        told |= {"kind": error.rule, "rule": error.rule, "grids": list(error.grids), "atoms": list(error.atoms)}
    desk.document({"error": told})
    codes = {InfeasibleError: INFEASIBLE, BrokenRuleError: BROKEN}
    return codes.get(type(error), BAD_INPUT)


def confess(desk: Desk, error: Exception) -> int:
    """Say that gridgeo itself failed, in one line, and keep the traceback in a file to report; return the exit code.

    The id is made of the calls that led there: the same failure has the same id on every machine.
    """
    trace = "".join(traceback.format_exception(error))
    kind = type(error).__name__
    calls = [(frame.name, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    id = hashlib.sha256(repr((kind, calls)).encode()).hexdigest()[:8]
    with NamedTemporaryFile("w", encoding="utf-8", prefix="gridgeo-", suffix=f"-{id}.txt", delete=False) as file:
        file.write(trace)
    message = say("error-internal", desk.lang, kind=kind, id=id, path=file.name)
    desk.messages.print(message, markup=False)
    desk.document({"error": {"code": "internal", "message": message, "kind": kind, "id": id, "where": file.name}})
    return INTERNAL


def in_words(error: GridgeoError | Fault, lang: str) -> dict[str, str]:
    """Message and hint of an error or fault for a document, in the person's language; programs read its `kind`."""
    return {"message": translated(error.message, lang), "hint": translated(error.hint, lang)}


def sentence(error: GridgeoError, lang: str) -> str:
    """What an error says in the person's language: message, place and hint."""
    line = translated(error.message, lang) + (f" [{error.where}]" if error.where else "")
    return say("fault-hint", lang, line=line, hint=translated(error.hint, lang)) if error.hint else line


def fault_list(error: SchemaError, lang: str) -> str:
    """All faults of a file: layer, rows, kind in the person's language, message and hint; one line for equal ones."""
    lines = [say("faults-found", lang, where=error.where, count=len(error.faults))]
    rows: dict[Fault, list[int]] = {}
    for fault in error.faults:
        rows.setdefault(replace(fault, row=None), []).extend([] if fault.row is None else [fault.row])
    for fault, where in rows.items():
        place = ("fault-in-layer", "fault-in-row")[len(where)] if len(where) < 2 else "fault-in-rows"
        told = {"kind": say(f"fault-{fault.kind}", lang), "message": translated(fault.message, lang)}
        shown = ", ".join(map(str, where[:SHOWN_ROWS])) + (", …" if len(where) > SHOWN_ROWS else "")
        line = say(place, lang, **told, layer=fault.layer, row=shown, count=len(where))
        lines.append(say("fault-hint", lang, line=line, hint=translated(fault.hint, lang)) if fault.hint else line)
    return "\n".join(lines)


def verb(name: str) -> Callable[[Callable[..., int]], click.Command]:
    """Make a command of a function (desk, **options) -> exit code; adds --json and speaks its errors and failures."""

    def wrap(function: Callable[..., int]) -> click.Command:
        @functools.wraps(function)
        @click.pass_context
        def run(ctx: click.Context, /, as_json: bool, **options: Any) -> None:
            desk = Desk(ctx.obj or Talk(lang=language(None)), as_json=as_json)
            try:
                code = function(desk, **options)
            except GridgeoError as error:
                code = explain(desk, error)
            except KeyboardInterrupt:
                desk.say("cancelled")
                code = CANCELLED
            except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
                raise  # click's own ways to end
            except Exception as error:
                code = confess(desk, error)
            ctx.exit(code)

        command = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")(run)
        return click.command(name, cls=Command)(command)

    return wrap
