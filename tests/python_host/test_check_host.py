"""``world-conformance check-host``: our hosts pass it, and a host that breaks a rule does not."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.check_host import command
from conformance.core.content import HOSTS, content
from conformance.core.errors import ConformanceError

_PERL = shutil.which("perl")
_EXAMPLE = HOSTS / "example-perl" / "host.pl"


def _check(world: object, *words: str, only: str = "") -> Result:
    return CliRunner().invoke(command, ["--world", json.dumps(world), "--only", only, "--", *words])


def test_the_python_host_passes(tmp_path: Path) -> None:
    options = {"path": str(tmp_path / "world.db")}
    world = {"class": "reference:TursoWorld", "root": str(content("worlds") / "turso"), "options": options}
    result = _check(world, sys.executable, str(HOSTS / "python" / "main.py"))
    assert result.exit_code == 0, result.output
    assert "FAIL" not in result.output
    assert "skip" not in result.output


@pytest.mark.needs("perl")
def test_the_example_passes(tmp_path: Path) -> None:
    assert _PERL is not None
    result = _check({"directory": str(tmp_path)}, _PERL, str(_EXAMPLE))
    assert result.exit_code == 0, result.output
    assert result.output.count("skip") == 2  # it serves one actor; and once in the sum


#: what is broken in a copy of the example -> (old text, new text, the words of the requirement that notices)
_BREAKS = {
    "ungated": ("return unless $call->{gated};", "return;", "is held at each I/O operation"),
    "always-gated": ("return unless $call->{gated};", "", "not gated runs freely"),
    "numbers": ("my $number = ++$gates;", "my $number = 1;", "numbers are unique"),
    "clock": ("my $ms = ++$clock;", "my $ms = 1_000_000;", "logical clock"),
    "chance": ("srand $mixed;", "srand;", "same seed makes the same ids"),
    "actors": ('"$seed:$actor"', '"$seed"', "actors of one seed"),
    "unknown": (
        "message => \"no $call->{op} here\", code => 'NOT_IMPLEMENTED'",
        'message => "no $call->{op} here"',
        "NOT_IMPLEMENTED",
    ),
    "interrupt": ("$SIG{INT} = 'IGNORE';", "", "Ctrl-C"),
    "orphan": (
        "exit 0 unless defined $line;    # the suite is gone",
        "sleep 60 unless defined $line;",
        "end of the input ends the host",
    ),
    "status": (
        "tell_engine(type => 'done', id => $message->{id}); exit 0 }",
        "exit 3 }",
        "close is answered",
    ),
    "schema": ("access => $access,", "access => 'perhaps',", "fits its schema"),
    "made-anyway": (
        "my $wrong = @{$message->{actors}} > 1",
        "die 'at once' if 1; my $wrong = 0",
        "open is answered",
    ),
}


@pytest.mark.slow
@pytest.mark.needs("perl")
@pytest.mark.parametrize("name", list(_BREAKS))
def test_a_host_that_breaks_a_rule_fails(name: str, tmp_path: Path) -> None:
    assert _PERL is not None
    old, new, words = _BREAKS[name]
    text = _EXAMPLE.read_text(encoding="utf-8")
    assert text.count(old) == 1, "the example has changed"
    host = tmp_path / "host.pl"
    host.write_text(text.replace(old, new), encoding="utf-8")
    only = "" if name == "schema" else words
    result = _check({"directory": str(tmp_path)}, _PERL, str(host), only=only)
    assert result.exit_code == 1, result.output
    (line,) = (line for line in result.output.splitlines() if words in line and "FAIL" in line)
    assert line


def test_mistakes_are_explained() -> None:
    for arguments, words in (
        (["--world", "{", "--", "x"], "cannot be read"),
        (["--world", "[]", "--", "x"], "not a JSON object"),
        (["--env", "x", "--", "x"], "not NAME=VALUE"),
    ):
        result = CliRunner().invoke(command, arguments)
        assert isinstance(result.exception, ConformanceError)
        assert words in str(result.exception)
    result = _check({}, "/no/such/program", only="open is answered")
    assert result.exit_code == 1
    assert "could not be started" in result.output
