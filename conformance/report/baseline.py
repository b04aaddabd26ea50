"""Known failures, declared with a reason and an expiry, so that a red matrix can still gate a merge.

``known.toml``::

    [[known]]
    world = "redis"
    scenario = 6                        # optional, as are probe, check, level, runtime, version, variant
    rules = ["step.terminal-once"]      # optional: covers a failure that breaks no rule but these
    reason = "https://example.org/issues/12: fixed in 0.3"
    until = 2027-03-31                  # the day after it the entry no longer covers anything

A failure that no entry covers is a regression. An entry whose failures all pass is reported, so that it
is taken out; so is one that matches nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec

from conformance.core.errors import ConformanceError
from conformance.core.exits import FAILED, INCONCLUSIVE, OK
from conformance.record.lines import Check, Verdict
from conformance.report.matrix import Cell, Mark, Matrix, Row


class BaselineError(ConformanceError):
    """A baseline file that cannot be read."""


class Known(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One declared failure. A field that is left out matches everything."""

    world: str
    reason: str
    until: date
    scenario: int | None = None
    probe: str | None = None
    check: Check | None = None
    implementation: str | None = None
    level: str | None = None
    runtime: str | None = None
    version: str | None = None
    variant: str | None = None
    defect: str | None = None
    rules: tuple[str, ...] | None = None

    def is_about(self, verdict: Verdict) -> bool:
        """Whether the entry speaks of the place of this verdict, whatever the verdict is."""
        names = (
            "world", "scenario", "probe", "check", "implementation", "level", "runtime", "version", "variant",
        )  # fmt: skip
        return all(getattr(self, name) in (None, getattr(verdict, name)) for name in names)

    def covers(self, verdict: Verdict, today: date) -> bool:
        """Whether this failure is the declared one, and the entry still valid."""
        return (
            self.is_about(verdict)
            and today <= self.until
            and self.defect in (None, verdict.defect)
            and (self.rules is None or set(verdict.rules) <= set(self.rules))
        )

    @property
    def title(self) -> str:
        parts = [self.world, self.version, self.level, self.runtime, self.scenario, self.probe, self.variant]
        parts.append(self.check)
        return " ".join(str(part) for part in parts if part is not None)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    known: list[Known] = []


@dataclass(slots=True)
class Baseline:
    """The declared failures of one file."""

    known: list[Known] = field(default_factory=list)

    def covering(self, verdict: Verdict, today: date) -> Known | None:
        """The entry that covers a failure, if any."""
        return next((entry for entry in self.known if entry.covers(verdict, today)), None)


@dataclass(slots=True)
class Gate:
    """A matrix held against a baseline."""

    regressions: list[tuple[Row, Cell, Mark]] = field(default_factory=list)
    known: list[tuple[Row, Cell, Mark]] = field(default_factory=list)
    unjudged: list[tuple[Row, Cell, Mark]] = field(default_factory=list)
    #: entries past their day that a failure still needs
    expired: list[Known] = field(default_factory=list)
    #: entries all of whose failures pass now: take them out
    fixed: list[Known] = field(default_factory=list)
    #: entries that speak of nothing in the matrix
    unused: list[Known] = field(default_factory=list)
    judged: int = 0

    @property
    def exit(self) -> int:
        """The exit status: see :mod:`conformance.core.exits`."""
        if self.regressions:
            return FAILED
        return INCONCLUSIVE if self.unjudged or not self.judged else OK


def load_baseline(path: str | Path) -> Baseline:
    """Read ``known.toml``. Raises :class:`BaselineError`."""
    hint = "Each [[known]] entry needs world, reason and until; see docs/reports.md."
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        file = msgspec.convert(data, _File)
    except OSError as error:
        raise BaselineError(
            f"cannot read the baseline {path}: {error.strerror}", "Give the path of a TOML file."
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BaselineError(f"{path}: {error}", hint) from None
    except RecursionError:
        raise BaselineError(f"{path}: nested too deeply", hint) from None
    for entry in file.known:
        if not entry.reason.strip():
            raise BaselineError(f"{path}: the entry for {entry.title} gives no reason", hint)
    return Baseline(file.known)


def judge(matrix: Matrix, baseline: Baseline | None = None, today: date | None = None) -> Gate:
    """Hold a matrix against a baseline (none: nothing is known), and note on its marks what is known."""
    baseline = baseline or Baseline()
    today = today or date.today()
    gate = Gate()
    about: dict[int, list[Verdict]] = {index: [] for index in range(len(baseline.known))}
    for place in matrix.marks:
        mark = place[2]
        verdicts = [one.verdict for one in mark.judged]
        gate.judged += sum(not verdict.replay for verdict in verdicts)
        for index, entry in enumerate(baseline.known):
            about[index] += [verdict for verdict in verdicts if entry.is_about(verdict)]
        if mark.state == "fail":
            covering = [baseline.covering(verdict, today) for verdict in verdicts if verdict.red]
            if all(entry is not None for entry in covering):
                mark.known = "; ".join(dict.fromkeys(f"{e.reason} (until {e.until})" for e in covering if e))
                gate.known.append(place)
            else:
                gate.regressions.append(place)
        elif mark.state == "inconclusive" or mark.missing:
            gate.unjudged.append(place)
    for index, entry in enumerate(baseline.known):
        verdicts = about[index]
        if not verdicts:
            gate.unused.append(entry)
        elif all(verdict.verdict == "pass" for verdict in verdicts):
            gate.fixed.append(entry)
        elif today > entry.until and any(verdict.red for verdict in verdicts):
            gate.expired.append(entry)
    return gate
