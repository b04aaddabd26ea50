"""The formats other tools read: JUnit, CTRF, SARIF, badges, the SDK's own shapes, JSON and Markdown."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from datetime import date
from itertools import product
from typing import Any

import msgspec
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from rich.console import Console

from conformance.record.file import FindingLine, LaneItem, Record, Verdict
from conformance.record.lines import CHECKS, Check
from conformance.report.badges import badge_files, badges
from conformance.report.baseline import Baseline, Known, judge
from conformance.report.compare import compare
from conformance.report.ctrf import render_ctrf
from conformance.report.flat import flatten
from conformance.report.html import SIZE_LIMIT, render_html
from conformance.report.issue import issues
from conformance.report.json_matrix import render_json
from conformance.report.junit import render_junit
from conformance.report.markdown import COMMENT_LIMIT, code, escape, render_comment, render_summary
from conformance.report.matrix import Matrix, build
from conformance.report.sarif import render_sarif
from conformance.report.terminal import print_matrix
from conformance.report.upstream import render_status, render_vitest, vitest_files
from tests.report import factory, hostile


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return build(factory.record())


def known_matrix() -> Matrix:
    made = build(factory.record())
    entry = Known(world="redis", reason="https://example.org/1", until=date(2030, 1, 1), scenario=6)
    judge(made, Baseline([entry]), date(2026, 11, 22))
    return made


def test_a_result_for_every_verdict_and_for_what_was_not_reached(matrix: Matrix) -> None:
    assert len(flatten(matrix)) == len(factory.all_kinds())
    line = factory.world(planned=factory.planned(8))
    cut = build(Record([factory.run([], worlds=[line], footer=None)]))
    assert [result.status for result in flatten(cut)] == ["not_judged"] * 3


def test_junit(matrix: Matrix) -> None:
    suites = JUnitXml.fromstring(render_junit(matrix).encode())
    (suite,) = suites
    assert (suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) == (
        "redis 0.2.2 · storage", 22, 4, 3, 3,
    )  # fmt: skip
    cases = {case.name: case for case in suite}
    broken = cases["6 step_completed: convergence [completed/completed]"]
    assert broken.classname == "redis.package.storage"
    (failure,) = broken.result
    assert isinstance(failure, Failure)
    assert failure.type == "not-atomic"
    for part in ("dist/storage/events.js:231", "X step_completed", "--world-replay"):
        assert part in failure.text
    assert isinstance(cases["4 end / suspension: logs"].result[0], Error)
    assert isinstance(cases["3 run_failed: logs"].result[0], Skipped)
    assert cases["7 step_started: logs"].is_passed


def test_junit_of_known_failures_is_green() -> None:
    suite = next(iter(JUnitXml.fromstring(render_junit(known_matrix()).encode())))
    assert suite.failures == 1
    assert "known failure" in render_junit(known_matrix())


def test_ctrf(matrix: Matrix) -> None:
    report = render_ctrf(matrix)
    assert report["reportFormat"] == "CTRF"
    summary = report["results"]["summary"]
    counts = {name: summary[name] for name in ("tests", "passed", "failed", "pending", "skipped", "other")}
    assert counts == {"tests": 22, "passed": 12, "failed": 4, "pending": 0, "skipped": 3, "other": 3}
    test = next(test for test in report["results"]["tests"] if test["status"] == "failed")
    assert test["extra"]["replay"].startswith("pytest --world=redis")
    assert all(isinstance(part, str) for part in test["suite"])
    json.dumps(report)


def test_sarif_points_at_the_source_lines(matrix: Matrix) -> None:
    log = render_sarif(matrix)
    (made,) = log["runs"]
    result = made["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "node_modules/@workflow-worlds/redis/dist/storage/events.js"},
        "region": {"startLine": 214},
    }
    assert made["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    flows = result["codeFlows"][0]["threadFlows"]
    assert [flow["id"] for flow in flows] == ["A", "B"]
    orders = sorted(step["executionOrder"] for flow in flows for step in flow["locations"])
    assert orders == list(range(1, 11))
    assert len({entry["partialFingerprints"]["race/v1"] for entry in made["results"]}) == len(made["results"])


def test_sarif_in_the_world_s_own_repository_and_of_known_failures() -> None:
    made = render_sarif(known_matrix(), "packages/redis")["runs"][0]["results"]
    uri = made[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "packages/redis/dist/storage/events.js"
    assert [bool(entry.get("suppressions")) for entry in made] == [True, True, True, False]


@pytest.mark.parametrize("where", ["/etc/passwd:1", "../../x:1", "nonsense", "x.js:0", "https://x/y.js:1"])
def test_sarif_never_points_outside_the_package(where: str) -> None:
    lanes = [LaneItem(lane="A", at=1, label="x", kind="gate", where=where)]
    verdict = factory.failed(6, evidence=factory.evidence(lanes=lanes))
    result = render_sarif(build(factory.record(verdict)))["runs"][0]["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("node_modules/@workflow-worlds/redis/")
    assert ".." not in uri


def test_sarif_has_the_lines_that_called() -> None:
    frames = ["src/fs.ts:469", "src/events.ts:1633"]
    lanes = [LaneItem(lane="A", at=1, label="x", kind="gate", where=frames[1], frames=frames)]
    verdict = factory.failed(6, evidence=factory.evidence(lanes=lanes))
    [step] = render_sarif(build(factory.record(verdict)))["runs"][0]["results"][0]["codeFlows"][0][
        "threadFlows"
    ][0]["locations"]
    places = [frame["location"]["physicalLocation"] for frame in step["stack"]["frames"]]
    assert [place["region"]["startLine"] for place in places] == [469, 1633]


def test_badges_for_each_world_and_level() -> None:
    verdicts = [
        factory.passed(1),
        factory.failed(6, level="handlers"),
        factory.passed(1, world="mongodb"),
        factory.passed(1, world="turso", verdict="inconclusive"),
        factory.passed(1, world="starter", verdict="unsupported"),
        factory.failed(1, world="mongodb", version="0.1.0"),
    ]
    made = {badge.name: (badge.message, badge.color) for badge in badges(build(factory.record(*verdicts)))}
    assert made == {
        "mongodb": ("1 of 1 pass", "brightgreen"),
        "redis": ("1 of 2 fail", "red"),
        "redis-storage": ("1 of 1 pass", "brightgreen"),
        "redis-handlers": ("1 of 1 fail", "red"),
        "starter": ("not judged", "lightgrey"),
        "turso": ("0 pass, 1 open", "orange"),
    }


def test_badge_files_are_what_shields_reads_and_one_page_to_copy(matrix: Matrix) -> None:
    files = badge_files(matrix, "https://me.example/badges/")
    assert json.loads(files["redis.json"]) == {
        "schemaVersion": 1,
        "label": "redis conformance",
        "message": "4 of 15 fail",
        "color": "red",
        "isError": True,
    }
    ET.fromstring(files["redis.svg"])
    assert "endpoint?url=https%3A%2F%2Fme.example%2Fbadges%2Fredis.json" in files["index.html"]


def test_vitest_shape(matrix: Matrix) -> None:
    report = render_vitest(matrix, "redis")
    counts = [report[f"num{name}Tests"] for name in ("Total", "Passed", "Failed", "Pending")]
    assert counts == [22, 12, 4, 6]
    assert not report["success"]
    statuses = [test["status"] for file in report["testResults"] for test in file["assertionResults"]]
    assert [statuses.count(name) for name in ("passed", "failed", "skipped")] == counts[1:]
    assert list(vitest_files(matrix)) == ["e2e-community-redis.json"]


def test_worlds_status_shape(matrix: Matrix) -> None:
    assert render_status(matrix)["worlds"]["redis"] == {
        "status": "partial", "total": 22, "passed": 12, "failed": 4, "skipped": 6, "progress": 55,
        "lastRun": "2026-11-20T10:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([factory.passed(1)], "passing"),
        ([factory.failed(1)], "failing"),
        ([factory.passed(1), factory.passed(2, verdict="inconclusive")], "partial"),
        ([factory.passed(1, verdict="unsupported")], "pending"),
        ([factory.failed(1, version="0.1.0"), factory.passed(1, version="0.2.0")], "passing"),
        ([factory.failed(1, implementation="reference"), factory.passed(1)], "passing"),
    ],
)
def test_worlds_status(verdicts: list[Any], status: str) -> None:
    assert render_status(build(factory.record(*verdicts)))["worlds"]["redis"]["status"] == status


def test_a_declared_failure_is_a_failure_in_what_is_published() -> None:
    """One line of a baseline must not make a World with failures a passing one."""
    matrix = build(factory.record(factory.passed(1), factory.failed(6), factory.failed(7)))
    judge(matrix, Baseline([Known(world="redis", reason="see 12", until=date(2999, 1, 1))]))
    status = render_status(matrix)["worlds"]["redis"]
    assert (status["status"], status["passed"], status["failed"], status["skipped"]) == ("partial", 1, 2, 0)
    report = render_vitest(matrix, "redis")
    assert (report["numFailedTests"], report["success"]) == (2, False)
    tests = [test for file in report["testResults"] for test in file["assertionResults"]]
    assert all(test["failureMessages"] for test in tests if test["status"] == "failed")


def test_each_rule_of_a_failure_is_told_with_its_own_sentence() -> None:
    """What the shown schedule breaks, what follows from it, and what only another schedule shows."""
    shown = factory.failed(6)
    broken = [
        FindingLine(rules=shown.rules, reason=shown.reason),
        FindingLine(rules=["log.folds"], reason="the log says otherwise", follows=shown.rules[0]),
        FindingLine(
            rules=["run.no-hang"], reason="run1 hangs", evidence=factory.evidence(replay="pytest --again")
        ),
    ]
    verdict = factory.failed(6, broken=broken, rules=[*shown.rules, "log.folds", "run.no-hang"])
    made = build(factory.record(verdict))
    folds = "also breaks log.folds (follows from step.terminal-once): the log says otherwise"
    hangs = "also breaks run.no-hang (in another schedule): run1 hangs"
    told = flatten(made)[0].detail
    assert "breaks step.terminal-once\n" in told
    assert folds in told and hangs in told
    out = Console(file=io.StringIO(), width=300)
    print_matrix(build(factory.record(verdict)), out)
    assert folds in out.file.getvalue() and hangs in out.file.getvalue()  # type: ignore[attr-defined]
    page = render_html(made)
    assert "in another schedule" in page and "pytest --again" in page and "Run1 hangs" in page


def test_a_consequence_is_told_with_its_cause_in_another_check() -> None:
    shown = factory.failed(6, "continuation", defect="consequence", rules=["continuation.lost"])
    cause = FindingLine(
        rules=shown.rules, reason=shown.reason, follows="error.classifiable", follows_in="convergence"
    )
    record = factory.record(msgspec.structs.replace(shown, broken=[cause]))
    told = "follows from error.classifiable (convergence)"
    assert told in flatten(build(record))[0].detail
    out = Console(file=io.StringIO(), width=300)
    print_matrix(build(record), out)
    assert told in out.file.getvalue()  # type: ignore[attr-defined]
    assert told in render_summary(build(record)).replace("\\", "")
    assert told[1:] in render_html(build(record))


def test_the_title_of_an_issue_names_what_a_consequence_follows_from() -> None:
    consequence = factory.failed(6, "continuation", defect="consequence", rules=["continuation.twice"])
    [(title, _)] = issues(factory.matrix_of(factory.failed(6), consequence))
    assert ": not atomic (" in title
    [(alone, _)] = issues(factory.matrix_of(consequence))
    assert ": consequence (" in alone


def test_json(matrix: Matrix) -> None:
    made = json.loads(json.dumps(render_json(matrix)))
    mark = made["rows"][0]["cells"]["6"]["convergence"]
    assert (mark["state"], mark["defect"], mark["rules"]) == ("fail", "not-atomic", ["step.terminal-once"])
    assert mark["variants"] == {"completed/completed": "fail", "completed/failed": "pass"}
    assert made["counts"]["not_judged"] == 6


def test_the_summary_holds_the_matrix_and_every_failure(matrix: Matrix) -> None:
    text = render_summary(matrix)
    assert "| redis 0.2.2 · storage | ⬜⬜⬜ | ✅✅✅ | ✅✅✅ | ⏭️⏭️⏭️ | ❔❔❔ |" in text
    assert text.count("<details>") == text.count("</details>") == 4
    assert "HGET step:s1 status" in text
    assert "--world-replay" in text
    assert "the host died twice" in text


def test_the_comment_says_first_what_changed() -> None:
    old, new = build(factory.record(factory.passed(6))), build(factory.record(factory.failed(6)))
    text = render_comment(new, comparison=compare(old, new), link="https://example.org/report")
    assert text.index("1 broken") < text.index("The matrix")
    assert "[The whole report](https://example.org/report)" in text
    assert "Nothing changed" in render_comment(new, comparison=compare(new, new))
    assert "evil" not in render_comment(new, link="javascript:evil()")


def test_a_comment_of_very_many_failures_is_short_enough() -> None:
    verdicts = [factory.failed(n, version=f"{v}") for n in range(1, 9) for v in range(60)]
    text = render_comment(build(factory.record(*verdicts)))
    assert len(text) < COMMENT_LIMIT + 100


def test_markdown_escapes() -> None:
    assert escape("@someone #1 *b* <i> |") == "@\u2060someone \\#1 \\*b\\* &lt;i&gt; \\|"
    assert escape("https://evil.example") == "https\u2060://evil.example"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"


def hostile_texts() -> dict[str, str]:
    matrix = build(hostile.record())
    file = io.StringIO()
    print_matrix(build(hostile.record()), Console(file=file, width=120), verbose=True)
    return {
        "html": render_html(matrix, previous=matrix),
        "junit": render_junit(matrix),
        "ctrf": json.dumps(render_ctrf(matrix), ensure_ascii=False),
        "sarif": json.dumps(render_sarif(matrix), ensure_ascii=False),
        "json": json.dumps(render_json(matrix), ensure_ascii=False),
        "status": json.dumps(render_status(matrix), ensure_ascii=False),
        "summary": render_summary(matrix, comparison=compare(build(Record([])), matrix)),
        "comment": render_comment(matrix),
        "terminal": file.getvalue(),
        "issue": "".join(body for _, body in issues(matrix)),
        **{
            f"vitest/{name}": json.dumps(data, ensure_ascii=False)
            for name, data in vitest_files(matrix).items()
        },
        **{f"badges/{name}": text for name, text in badge_files(matrix).items()},
    }


def test_a_hostile_world_gives_safe_bounded_redacted_reports() -> None:
    for name, text in hostile_texts().items():
        assert hostile.SECRET not in text, name
        assert "\x1b" not in text, name
        assert "\x00" not in text, name
        assert "\u202e" not in text, name
        assert len(text) < 250_000, (name, len(text))
        if name.endswith((".html", ".svg")) or name in ("html", "summary", "comment", "issue"):
            outside_code = text.replace("```text", "")
            assert "<img src=x" not in outside_code.split("```")[0], name
    assert "/" not in "".join(
        name.removeprefix("badges/").removeprefix("vitest/") for name in hostile_texts()
    )


def test_the_page_of_seven_worlds_is_bounded_however_much_they_say() -> None:
    def gate(n: int) -> LaneItem:
        return LaneItem(lane="AB"[n % 2], at=n, label=f"HSET {n} {'x' * 80}", kind="gate", text="y" * 80)

    def broken(place: tuple[int, int, Check]) -> Verdict:
        world, number, check = place
        shown = factory.evidence(schedule=f"{number}{check}", lanes=[gate(n) for n in range(200)])
        return factory.failed(number, check, world=f"w{world}", evidence=shown)

    verdicts = list(map(broken, product(range(7), range(1, 9), CHECKS)))
    page = render_html(build(factory.record(*verdicts)))
    assert len(page.encode()) <= SIZE_LIMIT
    assert "This page shows a part of the evidence" in page


def test_every_red_variant_has_its_lanes_and_none_is_cut() -> None:
    def gate(n: int) -> LaneItem:
        return LaneItem(lane="AB"[n % 2], at=n, label=f"HSET {n}", kind="gate")

    verdicts = [
        factory.failed(
            number,
            variant=f"v{number}{nth}",
            evidence=factory.evidence(schedule=f"{number}{nth}", lanes=[gate(n) for n in range(120)]),
        )
        for number in range(1, 9)
        for nth in range(3)
    ]
    page = render_html(build(factory.record(*verdicts)))
    assert page.count('<svg class="lanes') == 24
    assert "left out" not in page


def test_a_fault_is_a_line_of_its_own() -> None:
    killed = LaneItem(lane="B", at=9, label="killed", text="after HSET run:1", kind="fault")
    shown = factory.evidence()
    shown.lanes.append(killed)
    page = render_html(build(factory.record(factory.failed(6, evidence=shown))))
    assert "<dt>Fault</dt>" in page
    assert "B: killed after HSET run:1" in page
