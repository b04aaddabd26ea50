"""What the same case does without a race: the measure for how runs end and how often bodies run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.oracle.observed import Observed


@dataclass(frozen=True, slots=True)
class Control:
    """The outcomes of the sequential orders of a case."""

    #: every way in which the runs ended: ``((run, status), …)``
    endings: frozenset[tuple[tuple[str, str], ...]]
    #: the most often that each step's body ran
    bodies: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, outcomes: Iterable[Observed], known: Control | None = None) -> Control:
        """What these outcomes show, and what was ``known`` before."""
        endings = set() if known is None else set(known.endings)
        bodies: dict[str, int] = {} if known is None else dict(known.bodies)
        for outcome in outcomes:
            endings.add(ending(outcome))
            for step, ran, _ in outcome.bodies:
                bodies[step] = max(ran, bodies.get(step, 0))
        return cls(frozenset(endings), tuple(sorted(bodies.items())))


def ending(observed: Observed) -> tuple[tuple[str, str], ...]:
    """How each run ended."""
    return tuple((run.name, run.status) for run in observed.runs)
