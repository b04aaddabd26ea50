"""Happens-before, conflicts and classes, against their definitions, pair by pair."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.gates import Access, Key, Operation, Rows, independent, overlap
from conformance.search.coverage import Coverage
from conformance.search.relations import Conflict, Point, Trace

_ACCESSES: list[Access] = ["read", "write", "unknown"]
_VALUES = st.sampled_from(["1", "2"])
_KEYS: st.SearchStrategy[Key] = st.sampled_from("xyz") | st.builds(
    lambda table, where: Rows(table, tuple(sorted(where.items()))),
    st.sampled_from("xw"),
    st.dictionaries(st.sampled_from("ab"), _VALUES),
)
_TOUCHES = st.tuples(st.sampled_from("ABC"), st.sampled_from(_ACCESSES), st.frozensets(_KEYS, max_size=3))
_SCHEDULES = st.lists(_TOUCHES, min_size=1, max_size=10).map(
    lambda touches: [
        Operation(actor, f"{number}", 0, access, keys) for number, (actor, access, keys) in enumerate(touches)
    ]
)


def traced(operations: list[Operation]) -> Trace:
    trace = Trace()
    for operation in operations:
        trace.add(operation)
    return trace


def before(operations: list[Operation]) -> set[tuple[int, int]]:
    """Happens-before by its definition: related pairs, closed."""
    found = {
        (first, second)
        for second in range(len(operations))
        for first in range(second)
        if related(operations[first], operations[second])
    }
    for middle in range(len(operations)):
        for first in range(middle):
            for second in range(middle + 1, len(operations)):
                if (first, middle) in found and (middle, second) in found:
                    found.add((first, second))
    return found


def related(one: Operation, other: Operation) -> bool:
    return one.actor == other.actor or not independent(one, other)


@settings(max_examples=300)
@given(_SCHEDULES)
def test_happens_before_is_the_closure(operations: list[Operation]) -> None:
    trace, closed = traced(operations), before(operations)
    for second in range(len(operations)):
        for first in range(second):
            assert trace.happens_before(first, second) == ((first, second) in closed)


@settings(max_examples=300)
@given(_SCHEDULES)
def test_a_conflict_is_reversible_when_nothing_is_between(operations: list[Operation]) -> None:
    closed = before(operations)
    wanted = {
        Conflict(first, second)
        for first, second in closed
        if operations[first].actor != operations[second].actor
        and not independent(operations[first], operations[second])
        and not any(
            (first, middle) in closed and (middle, second) in closed for middle in range(len(operations))
        )
    }
    found = traced(operations).conflicts
    assert set(found) == wanted
    assert len(found) == len(wanted)


@settings(max_examples=300)
@given(_SCHEDULES, st.data())
def test_a_class_is_kept_by_swapping_what_commutes_and_by_nothing_else(
    operations: list[Operation], data: st.DataObject
) -> None:
    swapped = list(operations)
    same = True
    for _ in range(data.draw(st.integers(0, 4))):
        if len(swapped) < 2:
            break
        at = data.draw(st.integers(0, len(swapped) - 2))
        one, other = swapped[at : at + 2]
        if one.actor == other.actor:
            continue
        same = same and independent(one, other)
        swapped[at : at + 2] = other, one
    alike = traced(operations).fingerprint == traced(swapped).fingerprint
    if same:
        assert alike
    order = [
        [pair for pair in before(some) if related(some[pair[0]], some[pair[1]])]
        for some in (operations, swapped)
    ]
    named = [
        {(some[a], some[b]) for a, b in pairs}
        for some, pairs in zip((operations, swapped), order, strict=True)
    ]
    assert alike == (named[0] == named[1])


def test_rows_overlap_unless_they_differ_in_a_column() -> None:
    table, one = Rows("t"), Rows("t", (("id", "1"),))
    other, none = Rows("t", (("id", "2"), ("run", "1"))), Rows("t", (("run", "1"),))
    assert overlap(table, one)
    assert overlap("t", one)
    assert overlap(one, none)
    assert overlap(other, none)
    assert not overlap(one, other)
    assert not overlap(one, Rows("u", (("id", "1"),)))
    assert not overlap("u", one)
    reads = Operation("A", "r", 0, "read", frozenset([one]))
    assert independent(reads, Operation("B", "w", 0, "write", frozenset([other])))
    assert not independent(reads, Operation("B", "w", 0, "write", frozenset([other, none])))


def operation(actor: str, label: str, access: Access = "write", key: str = "x") -> Operation:
    return Operation(actor, label, 0, access, frozenset([key]))


def test_what_had_to_wait_comes_after_what_let_it_go() -> None:
    """B is released, waits for A's commit, and is held again behind it: nothing can turn those two round."""
    a, b = (operation(name, "LOCK", key="l") for name in "AB")
    commit, after = operation("A", "COMMIT", key="l"), operation("B", "UPDATE", key="l")
    points = [
        Point((("A", a), ("B", b)), "A"),
        Point((("A", commit), ("B", b)), "B"),
        Point((("A", commit),), "A"),
        Point((("B", after),), "B"),
    ]
    trace = Trace.of(points)
    assert trace.conflicts == [Conflict(0, 1), Conflict(1, 2)]
    assert trace.happens_before(2, 3)


def test_coverage_says_what_was_seen_in_one_order_only() -> None:
    read, write = operation("A", "GET x", "read"), operation("B", "SET x")
    coverage = Coverage()
    assert coverage.add(traced([read, write]))
    assert not coverage.add(traced([read, write]))
    assert (coverage.both_ways, coverage.reachable, coverage.orders) == (0, 1, 1)
    assert list(coverage.owed_sites()) == ["SET x before GET x"]
    coverage.add(traced([write, read]))
    assert (coverage.both_ways, coverage.reachable, coverage.orders) == (1, 1, 2)
    assert coverage.owed == []


def test_a_conflict_seen_before_it_could_be_reversed_counts() -> None:
    """In the first schedule a third operation stands between them; it was that order all the same."""
    a, b, between = operation("A", "a"), operation("B", "b"), operation("C", "c")
    coverage = Coverage()
    coverage.add(traced([b, between, a]))
    coverage.add(traced([a, b]))
    assert [(owed.pair[0].label, owed.pair[1].label) for owed in coverage.owed] == [("b", "c"), ("a", "c")]
