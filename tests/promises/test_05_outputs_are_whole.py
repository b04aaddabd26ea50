"""What a report reads stays as it is, what it writes is whole, and two runs do not share a record."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.exits import USAGE
from tests.promises.strangers import (
    FAILED,
    FOOTER,
    HEADER,
    VERDICT,
    everything,
    in_a_folder_of_its_own,
    record,
    refused,
    report,
    report_alone,
)
from tests.user import PYTEST

__all__ = ["in_a_folder_of_its_own"]

# -- inputs stay as they are, outputs are whole ---------------------------------------------------------


@pytest.mark.parametrize("option", ["--record", "--html", "--json"])
def test_an_output_over_an_input_is_refused_before_anything_is_written(option: str) -> None:
    path = record("in/a.jsonl", VERDICT)
    Path("link.jsonl").symlink_to(path)
    before = path.read_bytes()
    for name in ("in/a.jsonl", "./in/../in/a.jsonl", "link.jsonl"):
        refused(report("merge", "in", "--markdown", "m.md", option, name), "one of the files that are read")
    assert path.read_bytes() == before
    assert not Path("m.md").exists()


def test_two_outputs_in_one_file_are_refused() -> None:
    path = record("a.jsonl", VERDICT)
    refused(report("merge", path, "--html", "out", "--json", "./out"), "asked for twice")


def test_a_dash_is_the_standard_output_for_a_record_too() -> None:
    done = report("merge", record("a.jsonl", VERDICT), "--record", "-")
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()][:2] == ["header", "world"]
    assert everything() == {"a.jsonl"}


@pytest.mark.parametrize("option", ["--html", "--record", "--json"])
def test_a_full_disk_is_one_line_and_no_regression(option: str) -> None:
    path = record("a.jsonl", VERDICT)
    Path("full").symlink_to("/dev/full")
    refused(report("merge", path, "--gate", option, "full"), "cannot write full: No space left")
    assert Path("full").is_symlink()
    with Path("/dev/full").open("w") as full:
        done = report_alone("merge", path, option, "-", stdout=full)
    assert done.returncode == USAGE
    assert "cannot write the standard output: No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_there_stays_when_it_cannot_be_written_whole() -> None:
    """A limit on the size of files stands for a disk that becomes full on the way."""
    path = record("a.jsonl", VERDICT)
    Path("m.html").write_text("the page of yesterday")
    code = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    code += "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
    code += "from conformance.cli._app import main; main()"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "report", "merge", str(path), "--html", "m.html"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == USAGE, done.stderr
    assert "cannot write m.html: File too large" in done.stderr
    assert Path("m.html").read_text() == "the page of yesterday"
    assert everything() == {"a.jsonl", "m.html"}


def test_special_files_are_written_to_as_they_are() -> None:
    path = record("a.jsonl", VERDICT)
    assert report("merge", path, "--html", "/dev/null").returncode == 0
    assert json.loads(report_alone("merge", path, "--json", "/dev/stdout").stdout)["counts"]["pass"] == 1
    done = subprocess.run(
        ["bash", "-c", f"echo before > out; {sys.executable} -m conformance report merge a.jsonl "
         "--json /dev/stdout >> out 2>/dev/null; echo after >> out"],
        check=True,
    )  # fmt: skip
    assert done.returncode == 0
    lines = Path("out").read_text().splitlines()
    assert (lines[0], lines[-1], len(lines) > 10) == ("before", "after", True)


def test_a_folder_that_is_none_is_one_line() -> None:
    path = record("a.jsonl", VERDICT)
    refused(report("publish", "a.jsonl/out", path), "cannot write a.jsonl/out/README.md: Not a directory")
    refused(report("merge", path, "--badges", "a.jsonl/x"), "cannot write a.jsonl/x/")


# -- two runs at once ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_second_run_is_not_let_into_the_record_of_a_first() -> None:
    words = [*PYTEST, "--world=memory", "-q",
             "-k", "step_started and storage", "--world-record=run.jsonl"]  # fmt: skip
    hold = "import sys, time; from conformance.record.file import RecordWriter; "
    hold += "writer = RecordWriter('run.jsonl'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "open\n"
        for more in ([], ["-n", "2"]):
            second = subprocess.run([*words, *more], capture_output=True, text=True, timeout=120, check=False)
            said = second.stdout + second.stderr
            assert second.returncode == 4, said
            assert "another run is writing the record run.jsonl" in said
            assert "Traceback" not in said
            assert "INTERNALERROR" not in said
        merged = report("merge", record("a.jsonl", VERDICT), "--record", "run.jsonl")
        refused(merged, "another run is writing the record run.jsonl")
        first.stdin.close()
    assert subprocess.run(words, capture_output=True, timeout=120, check=False).returncode == 0
    assert report("merge", "run.jsonl", "--gate").returncode == 0


@pytest.mark.slow
def test_a_run_whose_record_cannot_be_written_ends_before_it_judges() -> None:
    Path("file").write_text("")
    for name in ("-", "file/run.jsonl", "."):
        done = subprocess.run(
            [*PYTEST, "--world=memory", "-q",
             "-k", "step_started and storage", f"--world-record={name}"],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 4, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
    assert everything() == {"file"}


def test_an_older_record_that_two_runs_wrote_at_once_is_said_to_be_uncertain() -> None:
    lines = [HEADER | {"run": "other"}, VERDICT, FOOTER, FAILED]
    assert "two runs were written into it at once" in report("merge", record("a.jsonl", *lines)).stderr
