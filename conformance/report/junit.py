"""JUnit XML: one test case a verdict, one suite a row."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import groupby

from conformance.core.text import xml_safe
from conformance.report.flat import Result, flatten
from conformance.report.matrix import Matrix

#: Neither held nor broken.
_SKIPPED = ("unsupported", "known", "not_judged", "not_shown")


def render_junit(matrix: Matrix) -> str:
    """Failed is ``failure``, inconclusive ``error``; what says neither yes nor no is ``skipped``."""
    suites = ET.Element("testsuites", name="world conformance")
    for name, group in groupby(flatten(matrix), key=lambda result: result.suite):
        results = list(group)
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=xml_safe(name),
            tests=str(len(results)),
            failures=str(sum(result.status == "failed" for result in results)),
            errors=str(sum(result.status == "inconclusive" for result in results)),
            skipped=str(sum(result.status in _SKIPPED for result in results)),
            time=f"{sum(result.seconds for result in results):.3f}",
            timestamp=xml_safe(results[0].started.removesuffix("Z")),
        )
        for result in results:
            _case(suite, result)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ET.Element, result: Result) -> None:
    key = result.row.key
    parts = [key.world, key.implementation, key.level, key.runtime]
    case = ET.SubElement(
        suite,
        "testcase",
        classname=xml_safe(".".join(part.replace(".", "_") for part in parts if part)),
        name=xml_safe(result.name),
        time=f"{result.seconds:.3f}",
    )
    message = xml_safe(result.message)
    if result.status == "failed":
        kind = result.verdict.defect if result.verdict is not None else ""
        ET.SubElement(case, "failure", message=message, type=xml_safe(kind or "fail")).text = xml_safe(
            result.detail
        )
    elif result.status == "inconclusive":
        ET.SubElement(case, "error", message=message, type="inconclusive").text = xml_safe(result.detail)
    elif result.status == "known":
        ET.SubElement(case, "skipped", message=xml_safe(f"known failure: {result.mark.known}"))
    elif result.status in _SKIPPED:
        ET.SubElement(case, "skipped", message=f"{result.status.replace('_', ' ')}: {message}")
    elif result.detail:
        ET.SubElement(case, "system-out").text = xml_safe(result.detail)
