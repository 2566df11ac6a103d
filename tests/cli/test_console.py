"""Words to stderr, data to stdout, and exit codes that mean what they say."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gridgeo.cli.console import Desk, Talk, fault_list, language, plain
from gridgeo.errors import Fault, InfeasibleError, SchemaError
from gridgeo.io.read import read_plan
from gridgeo.io.write import write_territory
from tests.cli.terminal import ROOT, document, refused, run, spawn
from tests.instances import lattice
from tests.io import raw

COLOR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7]|38;5;\d+)(?:;\d+)*m")


def test_streams_are_apart(territory, tmp_path):
    """In a process of its own stdout holds the document alone, stderr the words, and without a terminal no bars."""
    process = spawn("import", territory, "-o", tmp_path / "p.gpkg", "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    assert json.loads(out)["atoms"] == 36
    lines = err.decode().splitlines()
    assert lines[-1] == f"Wrote {tmp_path / 'p.gpkg'}"
    assert all(line.startswith(("- ", "Preparing: ")) for line in lines[:-1])


def watched(*words, until: str, act=None, **environ) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command whose stderr is a terminal; `act(process)` once `until` is seen."""
    ours, theirs = pty.openpty()
    process = spawn(*words, stderr=theirs, **environ)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed: the process is done
            break
        if not part:
            break
        seen += part
        if act is not None and until.encode() in seen:
            act(process)
            act = None
    os.close(ours)
    assert process.stdout is not None
    out = process.stdout.read().decode()
    return process.wait(timeout=60), out, seen.decode(errors="replace")


def test_interrupt_keeps_the_best_so_far(tmp_path):
    """Ctrl-C while drawing ends with 130; the best plan so far is written, whole and in the document."""
    write_territory(lattice(16, 16, 50), tmp_path / "t.gpkg")
    words = ("draw", tmp_path / "t.gpkg", "-o", tmp_path / "p.gpkg", "--json")
    code, out, err = watched(*words, until="Drawing", act=lambda process: process.send_signal(signal.SIGINT))
    assert code == 130
    assert json.loads(out)["certificate"]["complete"]
    assert "Finishing with the best so far" in err
    assert "Traceback" not in err
    assert len(read_plan(tmp_path / "p.gpkg")) == json.loads(out)["grids"]


def test_no_color_is_respected(territory):
    """On a terminal the bars have colors, and with NO_COLOR none."""
    assert COLOR.search(watched("inspect", territory, until="")[2])
    assert not COLOR.search(watched("inspect", territory, until="", NO_COLOR="1")[2])


def test_second_interrupt_ends_at_once():
    """The first Ctrl-C asks the work to stop, the second one ends it."""
    desk = Desk(Talk(lang="en"), as_json=False)
    with desk.stopping() as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert desk.exit_code() == 130


def test_interrupt_handler_is_put_back():
    """After the work Ctrl-C means what it meant before."""
    before = signal.getsignal(signal.SIGINT)
    with Desk(Talk(lang="en"), as_json=False).stopping(5):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_time_limit_keeps_the_best_so_far(territory, tmp_path):
    """A time limit that cuts the work ends with 4 and says so; the plan is written and complete."""
    result = run("draw", territory, "-o", tmp_path / "p.gpkg", "--seconds", 1e-6, "--json")
    assert result.exit_code == 4
    assert document(result)["certificate"]["complete"]
    assert "Time limit reached" in result.stderr
    assert len(read_plan(tmp_path / "p.gpkg")) > 0


def test_time_limit_that_cut_nothing_is_not_told():
    """Work that never met its limit ends with 0, even when the clock runs out later."""
    desk = Desk(Talk(lang="en"), as_json=False)
    with desk.stopping(1e-9) as stop:
        assert desk.exit_code() == 0
        while not stop():
            pass
        assert desk.exit_code() == 4


def test_broken_rules_end_with_1(tmp_path):
    """Findings of a check are exit code 1."""
    tables = raw.with_shapes(raw.town(), "atoms", [raw.square(0), raw.square(1), raw.square(1, 1)])
    assert run("check", raw.write(tmp_path / "t.gpkg", tables), "--layer", "atoms").exit_code == 1


def test_proven_impossible_ends_with_3(territory, tmp_path):
    """A number of grids that no plan has is exit code 3; the document carries the arithmetic."""
    result = run("draw", territory, "-o", tmp_path / "p.gpkg", "--count", 1, "--json")
    assert result.exit_code == 3
    assert document(result)["error"]["code"] == InfeasibleError.code
    assert document(result)["error"]["proof"]["least"] == 4
    assert not (tmp_path / "p.gpkg").exists()


def test_language_by_option_and_environment(territory, tmp_path):
    """Messages are Chinese with --lang zh and with GRIDGEO_LANG=zh; the option wins."""
    missing = tmp_path / "none.gpkg"
    assert run("--lang", "zh", "draw", missing, "-o", tmp_path / "p.gpkg").stderr.startswith("输入有误：")
    assert run("draw", missing, "-o", tmp_path / "p.gpkg", lang="zh").stderr.startswith("输入有误：")
    assert run("--lang", "en", "inspect", missing, lang="zh").stderr.startswith("Bad input: ")
    assert "辖区" in run("inspect", territory, lang="zh").stdout


def test_locale_gives_the_language(tmp_path):
    """Without option and setting, a Chinese locale makes messages Chinese; without one, they are English."""
    code = "from gridgeo.cli.console import language; import locale; locale.getlocale = lambda *_: ({!r}, 'UTF-8')"
    for local, lang in (("zh_CN", "zh"), ("de_DE", "en")):
        script = code.format(local) + "; print(language(None))"
        command = [sys.executable, "-c", script]
        environ = {name: value for name, value in os.environ.items() if name != "GRIDGEO_LANG"}
        out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environ)
        assert out.stdout.strip() == lang


def test_plain_values_are_json():
    """Numbers of numpy become plain, what is not finite becomes null."""
    import numpy as np

    told = plain({1: np.float64("nan"), "a": (np.int64(3), np.array([1.5, np.inf]))})
    assert told == {"1": None, "a": [3, [1.5, None]]}


def test_failures_of_our_own_are_one_line(monkeypatch, tmp_path):
    """What nobody foresaw is one line with an id, its traceback in a file to report, and exit code 70."""

    def broken(*_, **__):
        raise ZeroDivisionError("of our own making")

    monkeypatch.setattr("gridgeo.io.importer.import_request", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    call = ("import", "x.gpkg", "-o", tmp_path / "o.gpkg")
    said = {lang: run(*call, lang=lang, internal=True) for lang in ("en", "zh")}
    told = document(run(*call, "--json", internal=True))["error"]
    for lang, opening in (("en", "gridgeo itself failed: ZeroDivisionError, id "), ("zh", "gridgeo 内部出错")):
        assert (said[lang].exit_code, said[lang].stdout) == (70, "")
        assert said[lang].stderr.startswith(opening) and said[lang].stderr.count("\n") == 1
        assert told["id"] in said[lang].stderr
    assert (told["code"], told["kind"]) == ("internal", "ZeroDivisionError")
    kept = Path(told["where"])
    assert kept.parent == tmp_path and told["id"] in kept.name
    assert kept.read_text().endswith("ZeroDivisionError: of our own making\n")
    assert "Traceback" in kept.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("draw", "--nope"), "没有选项 '--nope'"),
        (("draw",), "缺少参数 'TERRITORY'"),
        (("patrol", "p.gpkg", "--mode", "q", "-o", "r.gpkg"), "'q' 不在 'streets', 'stops', 'both' 之中"),
        (("nope",), "没有命令 'nope'"),
    ],
)
def test_wrong_usage_is_told_in_chinese(words, said):
    """Options and verbs there are not are told in the person's language, with where to look."""
    told = refused(*words, lang="zh")
    assert told.startswith("用法有误：") and said in told and "--help" in told


def test_errors_are_told_in_chinese(tmp_path):
    """Message and hint of an error are Chinese, in one line."""
    told = refused("check", tmp_path / "none.gpkg", lang="zh")
    assert told == f"输入有误：没有此文件 [{tmp_path / 'none.gpkg'}]（请检查文件名和文件夹）\n"


def test_a_chinese_environment_is_enough(monkeypatch):
    """LANG may name a locale this machine does not have."""
    monkeypatch.setattr("gridgeo.settings.os.environ", {"LANG": "zh_CN.UTF-8"})
    assert language(None) == "zh"


EARLY = {
    "while modules load": "class At:\n def find_spec(self, name, *rest):\n  "
    "if name == 'gridgeo.cli': signal.raise_signal(signal.SIGINT)\nsys.meta_path.insert(0, At())",
    "before the verb": "import gridgeo.cli as cli\ncli.import_module = lambda name: signal.raise_signal(signal.SIGINT)",
}


@pytest.mark.parametrize("moment", EARLY)
def test_an_early_interrupt_is_quiet(moment):
    """Ctrl-C before a verb is at work ends with 130, without a traceback or a word of click's."""
    lines = (
        "import signal, sys",
        "from gridgeo.__main__ import main",
        EARLY[moment],
        "sys.argv[1:] = ['demo']",
        "main()",
    )
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, cwd=ROOT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_what_is_said_on_an_interrupt_is_true(monkeypatch, plan, tmp_path):
    """A hand-over that is cut short keeps nothing, and says so."""
    from gridgeo import service

    monkeypatch.setattr(service, "hand_over", lambda *given, **options: signal.raise_signal(signal.SIGINT))
    result = run("handover", plan, "-o", tmp_path / "H")
    assert result.exit_code == 130
    assert "nothing is written" in result.stderr
    assert "best so far" not in result.stderr


def test_equal_faults_share_a_line():
    """Rows with the same fault are told once, with their number and the first of them; others keep their lines."""
    same = [Fault("missing-code", "atoms", row, "the code is empty", "write one") for row in range(1, 13)]
    error = SchemaError([*same, Fault("missing-code", "streets", 4, "the code is empty")], where="t.gpkg")
    assert fault_list(error, "en").splitlines() == [
        "t.gpkg: 13 fault(s)",
        "  atoms, 12 rows (1, 2, 3, 4, 5, 6, 7, 8, …): no code: the code is empty (write one)",
        "  streets, row 4: no code: the code is empty",
    ]
    assert "第 1, 2, 3" in fault_list(error, "zh")
