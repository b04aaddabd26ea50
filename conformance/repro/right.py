"""Every right outcome as facts in words, and in what a wrong one differs from them.

The script holds what comes of its run against these, so that it needs no oracle: an outcome that is none of
them is wrong, whatever the world did to get there.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.oracle.outcomes import Answers
from conformance.oracle.outcomes import right_outcomes as all_right
from conformance.oracle.precedence import own_order
from conformance.oracle.seen import Observed, SeenCall
from conformance.repro.words import Facts, Values, expected, named_calls, say
from conformance.spec.machine import State
from conformance.spec.table import Outcome


def right_outcomes(observed: Observed, values: Values, in_order: Sequence[str] = ()) -> list[Facts]:
    """All right outcomes as facts; empty when there are too many, or when the prefix was wrong already.

    ``in_order``: nothing raced, the actors ran in this order. An answer with several right words says them
    all: ``conflict or gone``.
    """
    names = [name for name, _ in named_calls(observed.calls)]

    def conclude(state: State, answers: Answers) -> Facts:
        facts = {names[index]: " or ".join(words) for index, words in answers}
        return facts | expected(state, observed, values)

    return all_right(observed, _word, conclude, in_order)


def precedences(observed: Observed, in_order: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Pairs of racing calls of two actors by name: the first was answered before the second began.

    ``in_order``: nothing raced, the actors ran in this order.
    """
    race = [(name, call) for name, call in named_calls(observed.calls) if call.phase == "race"]
    if in_order:
        race.sort(key=lambda each: in_order.index(each[1].actor))
    before = observed.order or own_order([call for _, call in race], in_order=bool(in_order))
    return [
        (name, later)
        for number, (later, call) in enumerate(race)
        for at, (name, other) in enumerate(race)
        if before[number] >> at & 1 and other.actor != call.actor
    ]


def _word(after: State, call: SeenCall, outcome: Outcome) -> str:
    if outcome.answer == "ok" and call.kind == "step_started":
        return f"success, attempt {after.steps[call.run, call.entity].attempt}"
    return say(outcome.answer)


def symptom(facts: Facts, rights: list[Facts]) -> Facts:
    """In what an outcome differs from the nearest right one, and all that rules out the others.

    Empty when some right outcome is no other: then it is not the spec that says what is wrong.
    """
    if not rights:
        return {}
    nearest = min(rights, key=lambda right: len(differing(facts, right)))
    chosen = {key: facts.get(key, "none") for key in differing(facts, nearest)}
    if not chosen:
        return {}
    for right in rights:
        apart = differing(facts, right)
        if apart and not any(key in chosen for key in apart):
            chosen[apart[0]] = facts.get(apart[0], "none")
    return chosen


def differing(facts: Facts, right: Facts) -> list[str]:
    """The names of the facts that are not what a right outcome says of them."""
    apart = []
    for key in dict.fromkeys([*facts, *right]):
        wanted, got = right.get(key, "none"), facts.get(key, "none")
        if wanted != got and got not in wanted.split(" or "):
            apart.append(key)
    return apart
