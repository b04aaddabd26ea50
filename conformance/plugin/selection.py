"""Which worlds a run judges, and what it replays on them: read from the options, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import ConformanceError
from conformance.core.text import one_line
from conformance.provision.catalog.asked import refuse_hidden
from conformance.provision.catalog.select import select
from conformance.provision.catalog.target import Target
from conformance.record.recorded import select_recorded
from conformance.record.replays import Replayed, read_replays
from conformance.report.baseline import Baseline, load_baseline


@dataclass(frozen=True, slots=True)
class Selection:
    """The worlds, what is replayed on them instead of a search, and the failures that are declared."""

    targets: list[Target]
    replays: list[tuple[Target, Replayed]]
    baseline: Baseline


def read_selection(option: Any) -> Selection:
    """Read the options of pytest. Raises ``pytest.UsageError`` with what is wrong and what to do."""
    try:
        replays = read_replays(option.world_replay) if option.world_replay else []
        baseline = load_baseline(option.world_baseline) if option.world_baseline else Baseline()
        for url in option.world_service_url:
            refuse_hidden("--world-service-url", url)
        pairs = _recorded(option, replays)
        targets = list({id(target): target for target, _ in pairs}.values()) or _named(option)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    if replays and option.world_queue == "world":
        raise pytest.UsageError(
            "--world-queue=world and --world-replay exclude each other: what happens in real time "
            "cannot be replayed"
        )
    if option.world_map and option.world_queue == "world":
        raise pytest.UsageError("--world-map and --world-queue=world exclude each other: give one of them")
    if not targets:
        given = "--world-replay" if option.world_replay else "--world"
        raise pytest.UsageError(f"{given}: say which world, with --world=NAME (`world-conformance list`)")
    pairs = pairs or [
        (target, replayed)
        for target in targets
        for replayed in replays
        if replayed.world in ("", target.world, target.label)
    ]
    if replays and not pairs:
        found = ", ".join(dict.fromkeys(one_line(one.world, 60) for one in replays))
        names = ", ".join(target.label for target in targets)
        raise pytest.UsageError(
            f"--world-replay={option.world_replay}: no failure of {names} is in it, there are some of {found}"
        )
    return Selection(targets, pairs, baseline)


def _recorded(option: Any, replays: list[Replayed]) -> list[tuple[Target, Replayed]]:
    """The worlds that a record names itself; none when the command line says which."""
    given = option.world or option.world_path or option.world_package or option.world_class
    if given or not replays or not replays[0].world:
        return []
    url_given = bool(option.world_service_url)
    return select_recorded(
        replays,
        option.world_replay,
        option.world_option,
        option.world_env,
        setup=option.world_setup or "",
        url_given=url_given,
    )


def _named(option: Any) -> list[Target]:
    """The worlds that the command line names."""
    return select(
        option.world,
        path=Path(option.world_path) if option.world_path else None,
        package=option.world_package,
        cls=option.world_class,
        manifest=Path(option.world_manifest) if option.world_manifest else None,
        options=option.world_option,
        env=option.world_env,
        setup=option.world_setup or "",
        service_url=next(iter(option.world_service_url), None),
        allow_shell=option.world_manifest_shell,
    )
