"""The probe that kills: a process dies while it handles a message, and the run has to be taken up again."""

from __future__ import annotations

from conformance.core.events import run_created, run_started
from conformance.queues.driver import QueueDriver
from conformance.queues.finding import KEPT, QueueFinding
from conformance.queues.post import Post, Posted
from conformance.queues.probes import Amount
from conformance.spec.vocabulary import Event, WorldError

_RULE = "queue.survives"
_KEEPS = "queue.persists"
_RUNS = 2
#: How many processes die in a row that handle one message.
_WORKERS = 3
#: A pause may grow from one loss to the next: so many times the longest one before is waited.
_LONGER = 4.0


def survives(driver: QueueDriver, amount: Amount) -> list[QueueFinding]:
    """Kill the process that handles the message of a real run; one is started in its place. The last run that
    is taken up loses two more processes: a queue that gives a message up after a few lost workers shows then.

    It counts when a message of that run is delivered again, by itself or because ``start()`` of the new
    process looks for runs that are under way: either takes the run up.
    """
    if len(driver.names) == 1:
        reason = "its store lies in one process: what that process knew dies with it"
        return [QueueFinding(_RULE, "unsupported", reason, hosts=1)]
    post = Post(driver)
    lost: list[Posted] = []
    waits: list[float] = []
    kept: list[QueueFinding] = []
    for number in range(_RUNS):
        message = _run(driver, post, f"run {number}", driver.names[number % len(driver.names)])
        if message is None:
            return [QueueFinding(_RULE, "inconclusive", "a run could not be begun", hosts=len(driver.names))]
        post.end_by(post.hold)
        post.send(message, driver.names[number % len(driver.names)])
        if not _came(driver, message, 0, amount.lost):
            reason = "its message had not come before anything was killed"
            return [QueueFinding(_RULE, "inconclusive", reason, hosts=len(driver.names))]
        last = number == _RUNS - 1
        wait = _killed(driver, post, message, amount.recovery, held=last)
        if wait is None:
            lost.append(message)
        else:
            waits.append(wait)
        if last and wait is not None:
            kept = [_kept(driver, post, message, amount, [*waits])]
    return [_survived(driver, post, amount, lost, waits), *kept]


def _killed(
    driver: QueueDriver, post: Post, message: Posted, seconds: float, *, held: bool = False
) -> float | None:
    """Kill the process that has the message, and start another one. How long it took until the message came
    again; None when it did not. ``held``: its next delivery does not end by itself."""
    killed, before = driver.now(), len(message.deliveries)
    if not held:
        post.release()
    driver.kill(message.deliveries[-1].host)
    driver.ready()
    if _came(driver, message, before, seconds):
        return message.deliveries[before].at - killed
    driver.note(f"{message.name} ({message.id}) was not taken up in {seconds:g} s")
    return None


def _kept(
    driver: QueueDriver, post: Post, message: Posted, amount: Amount, waits: list[float]
) -> QueueFinding:
    """Whether a message that lost its first worker comes again when it has lost some more."""
    hosts = len(driver.names)
    for worker in range(2, _WORKERS + 1):
        seconds = max(amount.recovery, _LONGER * max(waits))
        wait = _killed(driver, post, message, seconds, held=worker < _WORKERS)
        if wait is None:
            text = (
                f"a message came again when its first worker was killed, and not in {seconds:g} s after "
                f"worker {worker} was"
            )
            return QueueFinding(_KEEPS, "fail", text, 1, 1, hosts, timeline=post.story(message)[:KEPT])
        waits.append(wait)
    text = f"a message came again after each of {_WORKERS} processes that were killed with it in hand"
    return QueueFinding(_KEEPS, "pass", text, 0, 1, hosts)


def _survived(
    driver: QueueDriver, post: Post, amount: Amount, lost: list[Posted], waits: list[float]
) -> QueueFinding:
    hosts = len(driver.names)
    if not lost:
        text = f"{_RUNS} runs were taken up again, the last after {max(waits):.1f} s"
        return QueueFinding(_RULE, "pass", text, 0, _RUNS, hosts)
    text = (
        f"{len(lost)} of {_RUNS}: no message of the run came in the {amount.recovery:g} s after the process "
        "was killed and another one started"
    )
    return QueueFinding(_RULE, "fail", text, len(lost), _RUNS, hosts, timeline=post.story(*lost)[:KEPT])


def _came(driver: QueueDriver, message: Posted, before: int, seconds: float) -> bool:
    """Whether a delivery comes, so many seconds at most, beyond those there were ``before``."""
    return driver.until(lambda: len(message.deliveries) > before, seconds)


def _run(driver: QueueDriver, post: Post, name: str, host: str) -> Posted | None:
    """A run that is under way in the store, and a message for it."""
    try:
        made = driver.call(host, "events.create", None, _event(run_created("probe")))
        run_id = made["run"]["runId"]
        driver.call(host, "events.create", run_id, _event(run_started()))
    except (WorldError, KeyError, TypeError) as error:
        driver.note(f"{name} could not be begun: {error}")
        return None
    message = Posted(name, "flow", "__wkf_workflow_probe", {"runId": run_id})
    post.posted[run_id] = message
    return message


def _event(event: Event) -> Event:
    return {"specVersion": 2, **event}
