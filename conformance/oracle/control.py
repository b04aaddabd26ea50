"""What the same case does without a race: the measure for how runs end and how often bodies run."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from conformance.oracle.seen import Observed


@dataclass(frozen=True, slots=True)
class Control:
    """The outcomes of the sequential orders of a case."""

    #: every way in which the runs ended: ``((run, status), …)``
    endings: frozenset[tuple[tuple[str, str], ...]]
    #: the most often that each step's body ran
    bodies: tuple[tuple[str, int], ...]
    #: every output that a run had which completed, where a case says that it does not depend on the order
    outputs: frozenset[tuple[str, Hashable]] = frozenset()

    @classmethod
    def of(cls, outcomes: Iterable[Observed], known: Control | None = None) -> Control:
        """What these outcomes show, and what was ``known`` before."""
        endings = set() if known is None else set(known.endings)
        bodies: dict[str, int] = {} if known is None else dict(known.bodies)
        outputs: set[tuple[str, Hashable]] = set()
        for outcome in outcomes:
            if outcome.settled:
                outputs |= {(run.name, run.output) for run in outcome.runs if run.status == "completed"}
            endings.add(ending(outcome))
            for step, ran, _ in outcome.bodies:
                bodies[step] = max(ran, bodies.get(step, 0))
        # With another payload a run has another output, so those that were known are not of this case.
        return cls(frozenset(endings), tuple(sorted(bodies.items())), frozenset(outputs))


def ending(observed: Observed) -> tuple[tuple[str, str], ...]:
    """How each run ended."""
    return tuple((run.name, run.status) for run in observed.runs)
