"""Mutants of the reference worlds, each opened on its real database, with hosts as in any run."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from types import ModuleType
from typing import Final

from conformance.cli._score import Depth, Open, Opened, Subject, in_memory
from conformance.core.closing import close_all
from conformance.core.content import content
from conformance.core.errors import HostFailed
from conformance.core.scenario import Case
from conformance.drivers.driver import Driver
from conformance.drivers.hosted import HostedDriver
from conformance.handlers import Policy
from conformance.provision.catalog.find import load
from conformance.provision.catalog.target import parse
from conformance.provision.open import OpenWorld, open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import Force, start_service
from conformance.search.budget import Limits
from conformance.spec.vocabulary import WorldError

#: Those with a reference, in the order of their speed.
DATABASES: Final = ("turso", "redis", "postgres", "mongodb")
#: Operators that make two acts of one, so that something may come between: only these are tried with faults.
_SPLITS: Final = frozenset(
    {"guard-early", "guard-cached", "logged-first", "logged-later", "released-later", "expired"}
)
_PACKAGE: Final = "_conformance_worlds"
#: A schedule on a database takes as long as a hundred in memory, and a killed process as a hundred schedules.
#: Only scenarios that race the broken event are tried there.
_HOSTED: Final = Depth(
    Limits((Case(),), searched=20, generated=0, free=0, replays=1, shrinks=0, one=True, zones=True),
    Limits((Case(actors=3),), searched=20, generated=0, free=0, replays=1),
    faults=None,
    everywhere=False,
)
_DEEP: Final = replace(_HOSTED, faults=Limits((Case(),), searched=24, generated=0, free=0, replays=1))


def reference_subjects() -> list[Subject]:
    """All mutants of all reference worlds, by hand and by machine."""
    return [one for world in DATABASES for one in _subjects(world)]


def _subjects(world: str) -> Iterator[Subject]:
    for mutant in _shipped("_reference.mutants").MUTANTS:
        yield Subject(mutant.name, "by hand", _sentence(mutant.breaks), world, scenarios=mutant.scenarios)
    for mutant in _shipped(f"{world}.mutants").made_ones():
        yield Subject(
            mutant.name,
            mutant.operator,
            _sentence(mutant.breaks),
            world,
            mutant.place.partition(".")[0] if "_" in mutant.place else "",
            splits=mutant.operator in _SPLITS,
        )


def opener(world: str, service: Force | None, *, deep: bool = False) -> AbstractContextManager[Open]:
    """What opens the mutants of a world, for as long as its database runs. ``deep``: on a database also at
    level handlers and with faults, as in memory."""
    return nullcontext(in_memory) if world == "memory" else _on_database(world, service, deep=deep)


@contextmanager
def _on_database(world: str, force: Force | None, *, deep: bool) -> Iterator[Open]:
    spec = load(world).service
    service = start_service(spec, force=force or "embedded") if spec is not None else None
    try:
        # Only this process stops the server or starts it anew.
        yield _Opens(service and replace(service, _stop=None, restart=None), _DEEP if deep else _HOSTED)
    finally:
        close_all(_forget, *([service.stop] if service is not None else []))


#: The World of each name on whose store one mutant follows another, in this process.
_OPEN: Final[dict[str, OpenWorld]] = {}


def _forget(*worlds: str) -> None:
    """Close these worlds, or all."""
    close_all(*(_OPEN.pop(world).close for world in worlds or list(_OPEN)))


@dataclass(frozen=True, slots=True)
class _Opens:
    """Opens a mutant on a database that runs; another process can have it too."""

    service: Service | None
    depth: Depth

    def __call__(self, subject: Subject) -> Opened:
        return _opened(subject, self.service, self.depth)


@contextmanager
def _opened(
    subject: Subject, service: Service | None, depth: Depth
) -> Iterator[tuple[Driver, Policy | None, Depth]]:
    """The hosts of the mutant before, which become this one; or hosts and a store of its own."""
    kept = _becoming(subject, service)
    if kept is None:
        opened = _open(subject.world, subject.name, service)
        try:
            yield opened.driver, opened.policy, depth
        finally:
            opened.close()
        return
    try:
        yield kept.driver, kept.policy, depth
    except BaseException:
        _forget(subject.world)
        raise


def _becoming(subject: Subject, service: Service | None) -> OpenWorld | None:
    """The open world, which is the mutant from now on, in hosts that run and in those to come.

    None when the mutant cannot be on the store of the others: it has another schema.
    """
    kept = _OPEN.get(subject.world)
    if kept is None:
        if not _OPEN:
            Finalize(None, _forget, exitpriority=1)  # where mutants are judged in several processes
        kept = _OPEN[subject.world] = _open(subject.world, "", service)
    assert isinstance(kept.driver, HostedDriver) and kept.launch is not None, "references have hosts"
    try:
        kept.driver.prepare()  # the schema is that of the mutant before, which has the store of the others
        kept.driver.ask_each("become", subject.name)
    except WorldError:
        return None
    except HostFailed:
        _forget(subject.world)
        return None
    kept.launch.world["options"] = kept.launch.world["options"] | {"mutant": subject.name}
    return kept


def _open(world: str, mutant: str, service: Service | None) -> OpenWorld:
    target = replace(parse(f"{world}:reference"), options={"mutant": mutant})
    name = "".join(char for char in mutant or world if char.isalnum())[-12:]
    # Mutants that are judged in several processes share the service, so each process has a store of its own.
    return open_world(target, service, f"m{os.getpid()}{name}")


def _shipped(name: str) -> ModuleType:
    """A module below ``worlds/``, imported as the Python host does it."""
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(content("worlds"))]
    sys.modules.setdefault(_PACKAGE, package)
    return importlib.import_module(f"{_PACKAGE}.{name}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
