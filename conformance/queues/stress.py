"""Stress races: real workflows on the real runtime, two processes, one store, a real queue, no gates.

Runs are started from every process in turn, a wave of them at once, and left to themselves. Then each is
read and judged by the rules that are there already; what counts is in how many runs a rule broke.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.core.paging import Pages
from conformance.queues.driver import Asked, QueueDriver, RuntimeMessage
from conformance.queues.finding import KEPT, QueueFinding
from conformance.queues.flows import StressFlow
from conformance.queues.stress_judge import BrokenFlow, broken_rules
from conformance.queues.stress_run import StressRun
from conformance.spec.vocabulary import WorldError

#: Runs under way at once.
WAVE: Final = 20
#: How long runs that have ended are still watched, in seconds.
WATCH: Final = 1.5
#: A run that has not ended when nothing at all has happened for so long has stopped, in seconds.
SILENT: Final = 45.0
RUNS: Final = {"quick": 5, "default": 20, "thorough": 200}
_PAGE: Final = 1000


class Stress:
    """The runs of one flow on one driver."""

    def __init__(self, driver: QueueDriver, flow: StressFlow, silent: float) -> None:
        self.driver = driver
        self.flow = flow
        self.silent = silent
        self.runs: dict[str, StressRun] = {}
        self.unnamed: list[str] = []
        self._read = {"messages": 0, "responses": 0, "logs": 0}
        self._taken = ""

    def wave(self, count: int) -> list[StressRun]:
        """Start so many runs at once, wait until each has ended or all is silent, and read them."""
        driver = self.driver
        asked: list[tuple[Asked, str]] = []
        for number in range(count):
            token = self._token()
            arguments = [token if each == "{token}" else each for each in self.flow.arguments]
            host = driver.names[number % len(driver.names)]
            asked.append((driver.ask(host, "runtime.start", self.flow.workflow, arguments), token))
        self._quiet_until(lambda: all(each.done for each, _ in asked))
        started = []
        for each, token in asked:
            if each.error is not None or not each.done:
                raise each.error or WorldError("Error", f"start() gave no answer in {self.silent:g} s")
            run = StressRun(each.value["runId"], len(self.runs), token if self.flow.hook == "resumed" else "")
            self.runs[run.id] = run
            started.append(run)
        resumed: set[str] = set()
        self._quiet_until(lambda: self._go_on(started, resumed))
        # Handlers may have more to do for runs that have ended: one that came second, and does not know.
        driver.drain(WATCH)
        self._sort()
        for run in started:
            self._look_at(run)
        return started

    def _token(self) -> str:
        """What the hook of the next run is called: its own name, or one that another run holds already."""
        if self.flow.hook != "taken":
            return self.driver.unique("token") if self.flow.hook else ""
        if not self._taken:
            token = self.driver.unique("token")
            holder = self.driver.call(self.driver.names[0], "runtime.start", "hook_only", [token])["runId"]
            held = self.driver.until(lambda: _has_hook(holder, self.driver.seen.messages), self.silent)
            if not held:
                raise WorldError("Error", f"a run did not get to its hook in {self.silent:g} s")
            self._taken = token
        return self._taken

    def _quiet_until(self, done: Any) -> None:
        while not self.driver.until(done, 1.0):
            if self.driver.quiet_for() > self.silent:
                return

    def _go_on(self, runs: list[StressRun], resumed: set[str]) -> bool:
        """Sort what came; resume hooks that are there; whether every run has ended."""
        self._sort()
        for run in runs:
            if run.token and run.id not in resumed and _has_hook(run.id, run.messages):
                resumed.add(run.id)
                for name in self.driver.names:
                    # Only one of them has to get through: the run may have ended before the second.
                    self.driver.ask(name, "runtime.resumeHook", run.token, {"from": name})
        return all(run.ended for run in runs)

    def _sort(self) -> None:
        """Give each run what came about it since the last look."""
        seen = self.driver.seen
        for message in seen.messages[self._read["messages"] :]:
            if (run := self.runs.get(message["runId"])) is not None:
                run.messages.append(message)
        for response in seen.responses[self._read["responses"] :]:
            if (run := self.runs.get(response.get("runId") or "")) is not None:
                run.responses.append(response)
        for line in seen.logs[self._read["logs"] :]:
            if line.level != "error" or line.by_design:
                continue
            named = [run for run in self.runs.values() if run.id in line.text]
            for run in named:
                run.logs.append(line.text)
            if not named:
                self.unnamed.append(line.text)
        self._read = {name: len(getattr(seen, name)) for name in self._read}

    def _look_at(self, run: StressRun) -> None:
        """Read what is stored of a run."""
        host = self.driver.names[0]
        try:
            run.entity = self.driver.call(host, "runs.get", run.id)
            pages = Pages(run.id)
            cursor = None
            while True:
                pagination: dict[str, Any] = {"limit": _PAGE, "sortOrder": "asc"}
                if cursor is not None:
                    pagination["cursor"] = cursor
                page = self.driver.call(host, "events.list", {"runId": run.id, "pagination": pagination})
                run.events += page["data"]
                cursor = pages.following(page)
                if cursor is None:
                    break
            if run.entity.get("status") == "completed":
                run.output = self.driver.call(host, "runtime.output", run.id)["value"]
        except WorldError as error:
            run.unreadable = str(error)


def _has_hook(run_id: str, messages: list[RuntimeMessage]) -> bool:
    return any(each["runId"] == run_id and each.get("made") == "hook_created" for each in messages)


def stress(driver: QueueDriver, flow: StressFlow, count: int, silent: float = SILENT) -> list[QueueFinding]:
    """``count`` runs of a flow, in waves. One finding for each rule that broke, or one that says none did.

    ``silent``: the bound by which a run has stopped, in seconds in which nothing happens at all.
    """
    driver.begin()
    played = Stress(driver, flow, silent)
    while len(played.runs) < count:
        played.wave(min(WAVE, count - len(played.runs)))
    dialect = driver.opened.dialect if driver.opened is not None else "name"
    broken = {run.id: broken_rules(run, flow, driver.names, dialect, silent) for run in played.runs.values()}
    return _findings(played, broken, count)


def _findings(played: Stress, broken: dict[str, list[BrokenFlow]], count: int) -> list[QueueFinding]:
    hosts = len(played.driver.names)
    by_rule: dict[str, list[tuple[str, BrokenFlow]]] = {}
    for run_id, rules in broken.items():
        for one in rules:
            by_rule.setdefault(one.rule, []).append((run_id, one))
    found = [_finding(played, rule, shown, count) for rule, shown in sorted(by_rule.items())]
    if played.unnamed:
        text = f"{len(played.unnamed)} error lines that name no run, such as: {played.unnamed[0][:300]}"
        found.append(QueueFinding("logs.error-line", "fail", text, 0, count, hosts))
    if not found:
        text = (
            f"no rule broke in {count} runs of {played.flow.name} in {_processes(hosts)}: that proves nothing"
        )
        found = [QueueFinding("", "not-shown", text, 0, count, hosts)]
    return found


def _finding(played: Stress, rule: str, shown: list[tuple[str, BrokenFlow]], count: int) -> QueueFinding:
    follows = sum(one.of_dialect for _, one in shown)
    run_id, first = min(shown, key=lambda each: (each[1].of_dialect, len(played.runs[each[0]].events)))
    said = follows and rule != "error.recognised"
    why = f", {follows} of them after a refusal that this release does not know" if said else ""
    hosts = len(played.driver.names)
    text = f"{len(shown)} of {count} runs{why}: {first.text}"
    finding = QueueFinding(rule, "fail", text, len(shown), count, hosts)
    finding.defect = "dialect" if follows == len(shown) else ""
    finding.timeline = _story(played.runs[run_id])[:KEPT]
    return finding


def _processes(hosts: int) -> str:
    return "one process" if hosts == 1 else f"{hosts} processes"


def _story(run: StressRun) -> list[str]:
    """What happened in a run, as far as it was seen, in order; then what is stored."""
    begin = min((each["at"] for each in run.messages), default=0.0)
    lines = []
    for each in sorted(run.messages, key=lambda each: float(each["at"])):
        when = f"{each['at'] - begin:8.3f} s  {each['host']}"
        if each["type"] == "step_ran":
            lines.append(f"{when} body of {each['name']} ({each['stepId']}), attempt {each['attempt']}")
            continue
        error = each.get("error")
        answer = "accepted" if error is None else f"{error['name']}: {error['message']}"
        if each.get("made") not in (None, each["eventType"]):
            answer = f"accepted as {each['made']}"
        lines.append(f"{when} {each['eventType']} {each.get('correlationId') or ''}: {answer}")
    failed = [each for each in run.responses if each.get("text")]
    lines += [
        f"{each['host']} answered a delivery of /{each['path']} with {each['status']}" for each in failed
    ]
    lines.append(f"stored: {run.entity.get('status', 'nothing that can be read')}, {len(run.events)} events")
    return lines
