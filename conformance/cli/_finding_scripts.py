"""The scripts of findings: each is written and run, and put beside the page of its defect."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from conformance.cli._kept import Kept
from conformance.cli._versions import Source, each, schedule_of
from conformance.core.errors import ConformanceError, NotSupported
from conformance.core.output import write_whole
from conformance.core.redact import shown
from conformance.core.text import one_line
from conformance.provision.catalog.target import Target
from conformance.record.lines import Verdict
from conformance.record.recorded import select_recorded
from conformance.record.replays import Replayed, replayed_of
from conformance.report.defects import Defect, Place, merge, name
from conformance.report.findings import Shown

#: So many failures of one defect are tried, until the script of one shows it.
_TRIES = 3
_AT_RUNTIME = "it shows at level runtime only, and a script has no runtime"


class _Script(NamedTuple):
    """What became of a script: its text and what its replay saw; without a text ``said`` is why.
    ``final``: another try would say the same."""

    said: str
    text: str = ""
    seen: Verdict | None = None
    final: bool = True


def with_scripts(
    found: Sequence[Defect], source: Source, folder: Path, jobs: int, kept: Kept
) -> tuple[list[Defect], dict[str, Shown]]:
    """Write and run the scripts of defects, and put them into ``folder``.

    Gives the defects, those that a replay shows to be one put together, and what each script did, by slug.
    """
    work = [(f"[{number}/{len(found)}] ", one, source, kept) for number, one in enumerate(found, 1)]
    made = {}
    for defect, script in zip(found, each(_script, work, jobs), strict=True):
        made[id(defect)] = script
        if script.seen is not None:
            defect.seen_again(script.seen)
    merged = merge(found)
    name(merged)
    return merged, {defect.slug: _beside(defect, made, folder) for defect in merged}


def _beside(defect: Defect, made: dict[int, _Script], folder: Path) -> Shown:
    """Put the script of a defect beside its page: its own, or that of a failure which turned out to be it."""
    tried = [made[id(one)] for one in (defect, *defect.merged)]
    script = next((one for one in tried if one.text), tried[0])
    if not script.text:
        click.echo(shown(f"{defect.slug}: no script: {script.said}"), err=True)
        return Shown("", f"There is no script: {one_line(script.said, 300).rstrip('.')}.")
    target = folder / f"{defect.slug}.mjs"
    write_whole(target, script.text)
    return Shown(target.name, script.said)


def _script(number: str, defect: Defect, source: Source, kept: Kept) -> _Script:
    """The script of a defect: of the first of its failures whose script shows it."""
    script = _first(defect, source, kept)
    done = "run, and failed as it says" if script.text else f"no script: {script.said}"
    click.echo(shown(f"{number}{defect.slug}: {one_line(done, 200)}"), err=True)
    return script


def _first(defect: Defect, source: Source, kept: Kept) -> _Script:
    why = "it has no schedule"
    tried = 0
    for place in defect.places:
        evidence = place.verdict.evidence
        if evidence is None or not evidence.schedule or tried == _TRIES:
            continue
        tried += 1
        script = _of(place, source, kept)
        if script.text or place.verdict.level == "runtime":
            return script
        why = script.said
    return _Script(why)


def _of(place: Place, source: Source, kept: Kept) -> _Script:
    """The script of one failure. What a load may have kept from showing it is tried again after a stop."""
    verdict = place.verdict
    try:
        replayed = replayed_of(verdict, source.worlds, place.seed, source.file)
        about = ("script", verdict.world, verdict.version, verdict.check, place.seed, schedule_of(replayed))
        before = kept.get(*about)
        if before is not None:
            return _read(before)
        [(target, _)] = select_recorded([replayed], str(source.file), (), url_given=False)
        make = _look if verdict.level == "runtime" else _make
        script = make(place, replayed, target)
    except NotSupported as error:
        script = _Script(error.what.partition("\n")[0])
    except ConformanceError as error:
        return _Script(error.what.partition("\n")[0])
    if script.final:
        kept.put([script.said, script.text, script.seen and msgspec.to_builtins(script.seen)], *about)
    return script


def _make(place: Place, replayed: Replayed, target: Target) -> _Script:
    """Write a script and run it."""
    from conformance.repro.export import export  # noqa: PLC0415 (only when asked for)

    with tempfile.TemporaryDirectory(prefix="world-findings-") as scratch:
        file = Path(scratch) / "script.mjs"
        exported = export(replayed, target, url=target.asked.service_url or None, check=file)
    day = datetime.now(UTC).date().isoformat()
    if exported.status != 1:
        [*_, last] = [line for line in exported.said.splitlines() if line.strip()] or [""]
        ended = "could not be made" if exported.status == 2 else "did not show the defect"
        why = f"its run on {day} {ended} (exit status {exported.status}: {one_line(last, 160)})"
        return _Script(why, final=False)
    package = f"{place.row.package or place.row.key.world}@{place.row.key.version}"
    said = f"The script was run on {day} against {package}: it failed as it says."
    return _Script(said, exported.script, _same_check(place, exported.seen))


def _look(place: Place, replayed: Replayed, target: Target) -> _Script:
    """No script, but what a replay of today sees, so that one defect is told from another by its lines."""
    from conformance.repro.export import look_again  # noqa: PLC0415 (only when asked for)

    checks = look_again(replayed, target, url=target.asked.service_url or None)
    return _Script(_AT_RUNTIME, seen=_same_check(place, checks))


def _same_check(place: Place, checks: Sequence[Verdict]) -> Verdict | None:
    return next((one for one in checks if one.check == place.verdict.check), None)


def _read(before: Any) -> _Script:
    said, text, seen = before
    return _Script(said, text, msgspec.convert(seen, Verdict) if seen is not None else None)
