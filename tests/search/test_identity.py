"""Operations of different schedules compare: ids are renamed."""

from __future__ import annotations

import pytest

from conformance.core.gates import Gate, Operation, Rows, independent
from conformance.core.history import Call, History
from conformance.drivers.identity import Names

_RUNS = ("wrun_01KDVDRBN1CR26A9KVYNCHCWA0", "wrun_01KDVDVE9WGJH2FE8A9FGDAMGJ")
_HOOKS = ("hook_01KDVDRC4SGXV7J8BJT666EYDA", "hook_01KDVDVHJ2HV44X2HSFC61YM7R")


def names(run: str, unique: str, *, apart: bool = False) -> Names:
    """The names of a schedule whose prefix made one run."""
    history = History()
    call = Call("-", "given", "events.create", (None, {"eventType": "run_created"}), 1, 2)
    call.value = {"run": {"runId": run}, "event": {"eventId": "wevt_01KDVDRBN5A0JPMKJA64179FRX"}}
    history.calls.append(call)
    return Names(history, unique, apart=apart)


def operations(which: int) -> list[Operation]:
    """The same three operations of one schedule or the other."""
    run, hook, unique = _RUNS[which], _HOOKS[which], f"{which + 9:x}"
    made = names(run, unique)
    token = f"ns:hooks:token:token_1_{unique}"
    return [
        made.operation("A", Gate(f"HGETALL ns:runs:{run}", "read", (f"ns:runs:{run}",))),
        made.operation("A", Gate(f"SETNX {token}", "write", (token,))),
        made.operation("A", Gate(f"HSET ns:{hook}", "write", (f"ns:{hook}",))),
    ]


def test_operations_of_two_schedules_are_the_same() -> None:
    assert operations(0) == operations(1)
    assert [one.label for one in operations(0)] == [
        "HGETALL ns:runs:run1",
        "SETNX ns:hooks:token:token_1",
        "HSET ns:hook*1",
    ]
    assert operations(0)[2].site == "HSET ns:hook*"


def test_operations_of_one_label_are_counted() -> None:
    made = names(_RUNS[0], "1")
    gate = Gate(f"GET {_RUNS[0]}", "read", (_RUNS[0],))
    assert [made.operation("A", gate).nth for _ in range(3)] == [0, 1, 2]
    assert made.operation("B", gate).nth == 0
    made.begin()
    assert made.operation("A", gate).nth == 0


def test_what_is_made_in_the_race_may_be_anything_of_its_kind() -> None:
    made = names(_RUNS[0], "1")
    one = made.operation("A", Gate(f"HSET {_HOOKS[0]}", "write", (_HOOKS[0],)))
    other = made.operation("B", Gate(f"HSET {_HOOKS[1]}", "write", (_HOOKS[1],)))
    before = made.operation("B", Gate(f"HSET {_RUNS[0]}", "write", (_RUNS[0],)))
    assert not independent(one, other)
    assert independent(one, before)


def test_ids_of_one_kind_are_told_apart_within_an_actor() -> None:
    made = names(_RUNS[0], "1")
    labels = [made.operation("A", Gate(f"GET {hook}")).label for hook in (*_HOOKS, _HOOKS[0])]
    assert labels == ["GET hook*1", "GET hook*2", "GET hook*1"]
    assert made.operation("B", Gate(f"GET {_HOOKS[1]}")).label == "GET hook*1"


def test_an_id_within_a_name_is_found() -> None:
    made = names(_RUNS[0], "1f")
    path = f"locks/{_RUNS[0]}-step_1_1f.json.tmp.01KDVDRBVZQMCDAGES554AT5GG"
    found = made.operation("A", Gate(f"link {path} -> {{x}}", "write", (path,)))
    assert found.label == "link locks/run1-step_1.json.tmp.id*1 -> {x}"
    assert found.keys == {"locks/run1-step_1.json.tmp.id*"}


def test_ids_of_other_forms_are_found() -> None:
    made = Names()
    for text in (
        "lock:0f8fad5b-d9cb-469f-a165-70867728950e",
        "lock:00112233445566778899aabb",
        "lock:1767225600000",
    ):
        assert made.operation("A", Gate(text)).label.startswith("lock:id*"), text
    assert made.operation("A", Gate("wevt_00000012", "write", ("wevt_00000012",))).keys == {"wevt*"}
    assert made.operation("A", Gate("steps:idx:run")).label == "steps:idx:run"


@pytest.mark.parametrize(
    ("run", "other"),
    [
        ("wrun_V1StGXR8_Z5jdHi6B-myT", "wrun_Uakgb_J5m9g-0JDMbcJqL"),
        ("cl9ebqhxk00003b600tymydho", "cl9ebqhxk00013b60n8b5r7ah"),
        ("wrun_KZ1VMRBN1CR26A9KVYNCHCWA0X", "wrun_QZ1VMVE9WGJH2FE8A9FGDAMGJX"),
    ],
)
def test_ids_of_runs_may_have_any_form(run: str, other: str) -> None:
    made = []
    for one in (run, other):
        where, missing = Rows("steps", (("run", one),)), f"{one[:-1]}Z"
        known = names(one, "1")
        made.append(
            [
                known.operation("A", Gate(f"SELECT ns:{one}", "read", (f"ns:{one}", where))),
                known.operation("A", Gate(f"SELECT {missing}", "read", (missing,))),
            ]
        )
    assert made[0] == made[1]
    first, second = made[0]
    assert [first.label, second.label] == ["SELECT ns:run'1", "SELECT run*1"]
    assert first.keys == {"ns:run'1", Rows("steps", (("run", "run'1"),))}
    assert second.keys == {"run*"}
    assert independent(first, second._replace(actor="B", access="write"))


def test_a_session_belongs_to_its_actor_unless_they_share_a_connection() -> None:
    for apart in (True, False):
        made = names(_RUNS[0], "1", apart=apart)
        begin, commit = Gate("BEGIN", "read", ("@session",)), Gate("COMMIT", "write", ("@session",))
        assert independent(made.operation("A", begin), made.operation("B", commit)) == apart


def row(actor: str, made: Names, **where: str) -> frozenset[object]:
    """What is left of the rows that a gate touches, once they are named."""
    gate = Gate("UPDATE hooks", "write", (Rows("hooks", tuple(sorted(where.items()))),))
    return frozenset(made.operation(actor, gate).keys)


def test_rows_are_named_as_keys_are() -> None:
    made = names(_RUNS[0], "1f")
    assert row("A", made, run=_RUNS[0], hook=_HOOKS[0], token="token_1_1f", status="active") == {
        Rows("hooks", (("hook", "hook*"), ("run", "run1"), ("status", "active"), ("token", "token_1")))
    }


def test_a_value_that_may_be_another_in_each_schedule_is_no_condition() -> None:
    """An id of a form that is not known, or a time: two of them in two schedules need not be two rows."""
    made = names(_RUNS[0], "1f")
    drawn = ("V1StGXR8_Z5jdHi6B-myT", "cl9ebqhxk00003b600tymydho", "2026-11-26T03:14:19.000Z", "482913")
    for value in drawn:
        assert row("A", made, run=_RUNS[0], other=value) == {Rows("hooks", (("run", "run1"),))}
    lasting = ("step_completed", "workflow//./workflows/flows//storage", "", "2", f"{_RUNS[0]}-wait_1")
    for value in lasting:
        [key] = row("A", made, other=value)
        assert isinstance(key, Rows)
        assert key.where
