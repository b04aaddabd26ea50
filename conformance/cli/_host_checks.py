"""What a host must do, one function each, for ``world-conformance check-host``.

A check gets a :class:`Bench`, returns what it saw (for the report), and raises :class:`BrokenError` when the
requirement is not met or :class:`NotShownError` when this world cannot show it.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import jsonschema
from referencing import Registry, Resource

from conformance.cli._host_bench import CLOCK, SILENCE, Bench, BrokenError, NotShownError, Subject, created
from conformance.core.content import HOSTS
from conformance.core.errors import HostFailed

_PAYLOAD: Final = b"\0\x01\xff conformance"
_START: Final = {"eventType": "run_started", "specVersion": 2}

Check = Callable[[Bench], str]
CHECKS: Final[list[tuple[str, Check]]] = []


def _must(requirement: str) -> Callable[[Check], Check]:
    def add(check: Check) -> Check:
        CHECKS.append((requirement, check))
        return check

    return add


@_must("open is answered by opened")
def _opens(bench: Bench) -> str:
    opened = bench.open().opened
    return f"{opened.name} {opened.version} on {opened.platform}".replace("  ", " ")


@_must("a call that is not gated runs freely and is answered by its result")
def _calls(bench: Bench) -> str:
    return str(bench.open().run()["runId"])


@_must("bytes survive, there and back")
def _bytes(bench: Bench) -> str:
    subject = bench.open()
    run = subject.run(_PAYLOAD)
    found = subject.free("runs.get", run["runId"])["value"].get("input")
    if found != _PAYLOAD:
        raise BrokenError(f"{_PAYLOAD!r} came back as {found!r}")
    return f"{len(_PAYLOAD)} bytes"


@_must("dates are tagged as dates")
def _dates(bench: Bench) -> str:
    moment = bench.open().run().get("createdAt")
    if moment is None:
        raise NotShownError("runs of this world have no createdAt")
    if not isinstance(moment, datetime):
        raise BrokenError(f"createdAt is {moment!r}")
    return moment.isoformat()


@_must("objects with a key that begins with $ survive")
def _dollars(bench: Bench) -> str:
    value = {"$bytes": "no bytes", "plain": [None, 1.5, "ü\n"]}
    subject = bench.open()
    answer = subject.free("events.create", None, created(value))
    if answer["type"] == "error":
        raise NotShownError("this world takes no such payload")
    found = subject.free("runs.get", answer["value"]["run"]["runId"])["value"].get("input")
    if found != value:
        raise BrokenError(f"{value!r} came back as {found!r}")
    return ""


@_must("a refusal is an error with name and message")
def _refuses(bench: Bench) -> str:
    answer = bench.open().free("runs.get", "wrun_nobody")
    if answer["type"] != "error":
        raise BrokenError(f"a run that does not exist was found: {answer['value']}")
    error = answer["error"]
    if not error.get("name") or not error.get("message"):
        raise BrokenError(f"the error is {error}")
    return f"{error['name']}: {error['message']}"


@_must("an unknown operation is an error with code NOT_IMPLEMENTED")
def _unknown(bench: Bench) -> str:
    error = bench.open().free("nothing.likeThat").get("error", {})
    if error.get("code") != "NOT_IMPLEMENTED":
        raise BrokenError(f"its code is {error.get('code')!r}")
    return ""


@_must("a gated call is held at each I/O operation, and nothing happens before go")
def _holds(bench: Bench) -> str:
    subject = bench.open()
    run_id = subject.run()["runId"]
    ident = subject.call("events.create", run_id, _START, gated=True)
    gates: list[dict[str, Any]] = []
    while (message := subject.next())["type"] == "gate":
        gates.append(message)
        subject.quiet()
        subject.go(message)
    if not gates:
        raise BrokenError("it was not held at all, so its races cannot be chosen")
    if message.get("id") != ident or message["type"] != "result":
        raise BrokenError(f"it ended with {message}")
    return ", ".join(gate["label"] for gate in gates)


@_must("gates name their call and actor, and their numbers are unique")
def _names(bench: Bench) -> str:
    subject = bench.open()
    numbers: list[int] = []
    for _ in range(2):
        ident = subject.call("events.create", subject.run()["runId"], _START, gated=True)
        gates, _ = subject.finish(ident)
        numbers += [gate["gate"] for gate in gates]
        for gate in gates:
            if (gate["call"], gate["actor"]) != (ident, "A"):
                raise BrokenError(
                    f"gate {gate['gate']} is of call {gate['call']} and actor {gate['actor']!r}"
                )
            if gate["access"] not in ("read", "write", "unknown") or not isinstance(gate["keys"], list):
                raise BrokenError(
                    f"gate {gate['gate']} has access {gate['access']!r} and keys {gate['keys']!r}"
                )
    if len(set(numbers)) < len(numbers):
        raise BrokenError(f"the numbers are {numbers}")
    return ""


@_must("several calls of one actor are all answered, each after its own gates")
def _several(bench: Bench) -> str:
    subject = bench.open()
    runs = [subject.run()["runId"] for _ in range(3)]
    waiting = {subject.call("events.create", run_id, _START, gated=True) for run_id in runs}
    released: dict[int, int] = {}
    while waiting:
        message = subject.next()
        if message["type"] == "gate":
            if message["call"] not in waiting:
                raise BrokenError(
                    f"gate {message['gate']} belongs to call {message['call']}, which was answered"
                )
            released[message["call"]] = released.get(message["call"], 0) + 1
            subject.go(message)
        elif message.get("id") in waiting:
            waiting.remove(message["id"])
        else:
            raise BrokenError(f"a {message['type']!r} for {message.get('id')}")
    return f"{sum(released.values())} gates"


@_must("reset is answered by done, and the host goes on")
def _resets(bench: Bench) -> str:
    subject = bench.open()
    subject.host.reset(bench.seed(), CLOCK + 100_000, bench.call_limit)
    subject.run()
    return ""


@_must("the world sees the logical clock, and go moves it forward")
def _clock(bench: Bench) -> str:
    subject = bench.open()
    began = subject.run()
    later = CLOCK + 7 * 86_400_000
    ident = subject.call("events.create", None, created(1), gated=True)
    while (message := subject.next())["type"] == "gate":
        subject.go(message, clock=later)
    ended = subject.run()
    if message.get("id") != ident:
        raise BrokenError(f"the call ended with {message}")
    moments = [run.get("createdAt") for run in (began, ended)]
    if not all(isinstance(moment, datetime) for moment in moments):
        raise NotShownError("runs of this world have no createdAt")
    first, last = (moment.timestamp() * 1000 for moment in moments if moment is not None)
    if not CLOCK <= first < CLOCK + 60_000:
        raise BrokenError(f"the clock was set to {CLOCK}, and createdAt is {first:.0f}")
    if last < later:
        raise BrokenError(f"a go said that it is {later}, and createdAt is {last:.0f}")
    return ""


@_must("the same seed makes the same ids, another one makes others")
def _repeats(bench: Bench) -> str:
    def first_id(seed: int) -> str | None:
        answer = bench.open(seed=seed).free("events.create", None, created(1))
        return str(answer["value"]["run"]["runId"]) if answer["type"] == "result" else None

    seeds = bench.seed(), bench.seed()
    one, again, other = first_id(seeds[0]), first_id(seeds[0]), first_id(seeds[1])
    # On a shared store the second one meets the run of the first, which says it, too.
    if one is None or (again is not None and again != one):
        raise BrokenError(f"seed {seeds[0]} made {one} and then {again}")
    if other is None or other == one:
        raise BrokenError(f"seeds {seeds[0]} and {seeds[1]} made {one} and {other}")
    return one


@_must("actors of one seed make different ids")
def _streams(bench: Bench) -> str:
    ids, seed = [], bench.seed()
    for actor in "AB":
        answer = bench.open(actor, seed).free("events.create", None, created(1), actor=actor)
        if answer["type"] == "error":
            raise BrokenError(f"actor {actor} was refused a run: {answer['error']['message']}")
        ids.append(answer["value"]["run"]["runId"])
    if ids[0] == ids[1]:
        raise BrokenError(f"both made {ids[0]}")
    return ""


@_must("with several actors, a held gate of one does not keep the other")
def _shares(bench: Bench) -> str:
    try:
        subject = bench.open("AB")
    except HostFailed as error:
        if "could not make its world" in error.what:
            raise NotShownError("this host serves one actor") from error
        raise
    runs = [subject.run()["runId"] for _ in range(2)]
    held = subject.call("events.create", runs[0], _START, actor="A", gated=True)
    gate = subject.next()
    if gate["type"] != "gate":
        raise BrokenError("actor A was not held")
    subject.finish(subject.call("events.create", runs[1], _START, actor="B", gated=True))
    subject.go(gate)
    subject.finish(held)
    return ""


@_must("a world that cannot be made is failed, not a crash")
def _fails(bench: Bench) -> str:
    subject = bench.start()
    nonsense = {"module": "/nowhere/at-all", "class": "/nowhere/at-all.py:World", "options": {}}
    subject.send(type="open", world=nonsense, actors=["A"], seed=1, clock=CLOCK)
    answer = subject.next()
    if answer["type"] == "opened":
        raise NotShownError("this host takes any world")
    if answer["type"] != "failed" or not answer["error"].get("message"):
        raise BrokenError(f"the answer was {answer}")
    return str(answer["error"]["message"]).splitlines()[0]


@_must("close is answered by done, and the host exits with status 0")
def _closes(bench: Bench) -> str:
    subject = bench.open()
    ident = subject.send(type="close")
    answer = subject.next()
    if (answer["type"], answer.get("id")) != ("done", ident):
        raise BrokenError(f"the answer was {answer}")
    _exits(subject)
    return ""


@_must("the end of the input ends the host")
def _ends(bench: Bench) -> str:
    subject = bench.open()
    subject.host.hang_up()
    _exits(subject)
    return ""


@_must("the end of the input ends a host that is held at a gate")
def _ends_held(bench: Bench) -> str:
    subject = bench.open()
    subject.call("events.create", subject.run()["runId"], _START, gated=True)
    subject.next()
    subject.host.hang_up()
    _exits(subject, any_status=True)
    return ""


@_must("Ctrl-C is left to the suite")
def _interrupted(bench: Bench) -> str:
    subject = bench.open()
    os.kill(subject.host.pid, signal.SIGINT)
    time.sleep(SILENCE)
    subject.run()
    return ""


@_must("a message longer than a pipe goes through")
def _large(bench: Bench) -> str:
    payload = os.urandom(1 << 18)
    subject = bench.open()
    if subject.free("runs.get", subject.run(payload)["runId"])["value"].get("input") != payload:
        raise BrokenError("it came back changed")
    return ""


@_must("every message fits its schema")
def _fits(bench: Bench) -> str:
    """Looks at what all hosts of this bench have said so far, so it comes last."""
    files = (HOSTS / "schema").glob("*.json")
    schemas = {file.stem: json.loads(file.read_bytes()) for file in files}
    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()]
    registry: Any = Registry().with_resources(resources)
    for line in bench.said:
        message = json.loads(line)
        schema = schemas.get(message["type"])
        if schema is None:
            raise BrokenError(f"there is no message {message['type']!r}")
        try:
            jsonschema.Draft202012Validator(schema, registry=registry).validate(message)
        except jsonschema.ValidationError as error:
            where = "/".join(str(part) for part in error.absolute_path) or "the message"
            raise BrokenError(f"{message['type']}: {where}: {error.message[:200]}") from error
    return f"{len(bench.said)} messages"


def _exits(subject: Subject, *, any_status: bool = False) -> None:
    deadline = time.monotonic() + 5.0
    while (status := subject.host.status()) is None:
        if time.monotonic() > deadline:
            raise BrokenError("it goes on living")
        time.sleep(0.02)
    if status != 0 and not any_status:
        raise BrokenError(f"its exit status is {status}")
