"""The matrix as JSON, for programs: rows, cells, marks; the evidence stays in the record."""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.report.matrix import STATES, Cell, Mark, Matrix, Row


def render_json(matrix: Matrix) -> dict[str, Any]:
    """``{schema, runs, scenarios, counts, rows: [{world, …, state, cells: {"1": {convergence: {…}}}}]}``.

    A scenario that has no variant at the level of a row has no cell there.
    A row at level ``queue`` or ``stress`` has a cell for each probe or workflow, with one mark:
    ``{"delivers": {delivery: {…}}}``.
    """
    return {
        "schema": 2,
        "runs": [msgspec.to_builtins(header) for header in matrix.headers],
        "problems": matrix.problems,
        "scenarios": {
            str(number): {"name": one.name, "about": one.about} for number, one in matrix.scenarios.items()
        },
        "counts": {state: matrix.count(state) for state in STATES},
        "rows": [_row(row) for row in matrix.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    key = row.key
    return {
        "world": key.world,
        "implementation": key.implementation,
        "package": row.package,
        "version": key.version,
        "level": key.level,
        "runtime": key.runtime,
        "service": None if row.service is None else msgspec.to_builtins(row.service),
        "judged": row.header.started if row.header else None,
        "state": row.state,
        "counts": {state: row.count(state) for state in STATES},
        "cells": {str(subject): _cell(cell) for subject, cell in row.cells.items() if cell.marks},
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {check: _mark(mark) for check, mark in cell.marks.items()}


def _mark(mark: Mark) -> dict[str, Any]:
    worst = mark.worst
    made: dict[str, Any] = {"state": mark.state}
    if worst is not None and mark.state != "pass":
        made |= {"defect": worst.defect, "rules": worst.rules, "reason": worst.reason}
        if worst.evidence is not None and worst.evidence.replay:
            made["replay"] = worst.evidence.replay
    if mark.judged:
        made |= {
            "schedules": sum(one.verdict.schedules for one in mark.judged),
            "distinct": sum(one.verdict.distinct for one in mark.judged),
            "exhausted": all(one.verdict.exhausted for one in mark.judged),
            "variants": {one.verdict.detail: one.verdict.verdict for one in mark.judged},
        }
        if worst is not None and worst.probe:
            made |= {"shown": worst.shown, "runs": worst.runs, "hosts": worst.hosts}
    if mark.of_runtime:
        made["fault"] = "runtime"
    elif any(one.verdict.fault == "both" for one in mark.judged):
        made["fault"] = "both"
    if mark.shallow:
        made["shallow"] = True
    if mark.notes:
        made["notes"] = mark.notes
    if mark.known:
        made["known"] = mark.known
    if mark.missing:
        made["missing"] = mark.missing
    return made
