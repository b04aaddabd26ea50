"""Mutants of the reference worlds, each opened on its real database, with hosts as in any run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Final

from conformance.cli._score import Depth, Open, Opened, Subject, in_memory
from conformance.core.content import content
from conformance.core.scenario import Case
from conformance.drivers.driver import Driver
from conformance.handlers import Policy
from conformance.provision.catalog.find import load
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.provision.services.service import Service
from conformance.provision.services.start import Force, start_service
from conformance.search.budget import Limits

#: Those with a reference, in the order of their speed.
DATABASES: Final = ("turso", "redis", "postgres", "mongodb")
_PACKAGE: Final = "_conformance_worlds"
#: A schedule on a database takes as long as a hundred in memory, and a killed process as a hundred schedules.
#: Only scenarios that race the broken event are tried there.
_HOSTED: Final = Depth(
    Limits((Case(),), searched=20, generated=0, free=0, replays=1),
    Limits((Case(actors=3),), searched=20, generated=0, free=0, replays=1),
    Limits((Case(),), searched=24, generated=0, free=0, replays=1),
    everywhere=False,
)


def reference_subjects() -> list[Subject]:
    """All mutants of all reference worlds, by hand and by machine."""
    return [one for world in DATABASES for one in _subjects(world)]


def _subjects(world: str) -> Iterator[Subject]:
    for mutant in _shipped("_reference.mutants").MUTANTS:
        yield Subject(mutant.name, "by hand", _sentence(mutant.breaks), world, scenarios=mutant.scenarios)
    for mutant in _shipped(f"{world}.mutants").made_ones():
        yield Subject(
            mutant.name, mutant.operator, _sentence(mutant.breaks), world, mutant.place.partition(".")[0]
        )


def opener(world: str, service: Force | None) -> AbstractContextManager[Open]:
    """What opens the mutants of a world, for as long as its database runs."""
    return nullcontext(in_memory) if world == "memory" else _on_database(world, service)


@contextmanager
def _on_database(world: str, force: Force | None) -> Iterator[Open]:
    spec = load(world).service
    service = start_service(spec, force=force or "embedded") if spec is not None else None
    try:
        # Only this process stops the server or starts it anew.
        yield _Opens(service and replace(service, _stop=None, restart=None))
    finally:
        if service is not None:
            service.stop()


@dataclass(frozen=True, slots=True)
class _Opens:
    """Opens a mutant on a database that runs; another process can have it too."""

    service: Service | None

    def __call__(self, subject: Subject) -> Opened:
        return _opened(subject, self.service)


@contextmanager
def _opened(subject: Subject, service: Service | None) -> Iterator[tuple[Driver, Policy | None, Depth]]:
    target = replace(parse(f"{subject.world}:reference"), options={"mutant": subject.name})
    name = "".join(char for char in subject.name if char.isalnum())[-20:]
    opened = open_world(target, service, f"m{name}")
    try:
        yield opened.driver, opened.policy, _HOSTED
    finally:
        opened.close()


def _shipped(name: str) -> ModuleType:
    """A module below ``worlds/``, imported as the Python host does it."""
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(content("worlds"))]
    sys.modules.setdefault(_PACKAGE, package)
    return importlib.import_module(f"{_PACKAGE}.{name}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
