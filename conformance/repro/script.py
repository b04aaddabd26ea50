"""The script itself: what is wrong and how to run it, the recorded calls, the code that replays them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from conformance import __version__
from conformance.core.faults import MEANING
from conformance.core.gates import Origin
from conformance.core.redact import redact_value
from conformance.core.starts import Start
from conformance.core.text import one_line
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.launch import Launch
from conformance.provision.services.kinds import kind_of
from conformance.report.words import DEFECTS, spaced
from conformance.repro.bundle import bundle
from conformance.repro.calls import RecordedCall, Recording, record
from conformance.repro.capture import Captured
from conformance.repro.literal import Literals, text
from conformance.repro.right import precedences, right_outcomes, symptom
from conformance.repro.stream_words import read_in_words
from conformance.repro.words import (
    ERROR_LINES,
    Facts,
    Values,
    answer_in_words,
    log_orders,
    named_calls,
    say,
    stored,
)
from conformance.search.schedule import STARTS, encode, letter
from conformance.spec.rules import RULES
from conformance.spec.vocabulary import REFUSALS

#: More right outcomes than this are left out: then the symptom alone decides.
_MOST_RIGHTS: Final = 60
#: Origins of log lines that the world itself wrote; the model of the handlers is not in the script.
_OF_WORLD: Final = ("world", "console", "process")
#: Rules about the order of a log, which no right outcome says.
_OF_ORDER: Final = frozenset({"log.order", "log.replays"})
#: Rules about streams: what is right hangs on what the stream holds in the end.
_OF_STREAMS: Final = "stream."
#: Fields of the message `open` that do not depend on where a script runs.
_OF_HOST: Final = ("gates", "protocol", "factory", "shared", "warm")
_WIDTH: Final = 108


def variable(kind: str) -> str:
    """The environment variable that says where the service is."""
    return f"{kind.upper().replace('-', '_')}_URL"


def script(captured: Captured, code: Code, launched: Launch, seen_again: str) -> str:
    """The text of the script. ``seen_again`` is the command of the suite that replays the same."""
    played = captured.failure.played
    history = played.history
    observed = played.observe(captured.variant.level)
    recording = record(history, observed, len(played.roles))
    facts = {
        name: answer_in_words(call) for name, call in named_calls(observed.calls) if call.phase != "given"
    }
    values = Values(history)
    facts |= stored(observed, values)
    if any(line.level == "error" and line.origin in _OF_WORLD and line.phase not in ("given", "read")
           for line in history.logs):  # fmt: skip
        facts[ERROR_LINES] = "some"
    actors = list(dict.fromkeys(step.chosen for step in played.steps)) if played.sequential else []
    # What became of the operation of a handler that died is not known, so neither are all right outcomes.
    rights = [] if history.disturbed else right_outcomes(observed, values, actors)
    wrong = symptom(facts, rights)
    if not wrong and captured.failure.finding.rule in _OF_ORDER:
        wrong = log_orders(observed.runs)
    if captured.failure.finding.rule.startswith(_OF_STREAMS):
        rights, wrong = [], read_in_words(history)  # what is right is what the later reader gets
    # Another schedule, or another version of the World, overlaps calls that came one before another here.
    overlapped = right_outcomes(observed._replace(order=()), values) if wrong and rights else []
    if not overlapped or len(overlapped) > _MOST_RIGHTS:
        rights = overlapped = []
    others = [right for right in overlapped if right not in rights]
    gates = [*launched.world["gates"], str(launched.world.get("protocol"))]
    player, host = bundle(gates, streams=any(call.op.startswith("stream.") for call in history.calls))
    return "\n".join([
        _comment(_about(captured, code, launched, seen_again)),
        _data(captured, recording, code, launched),
        _judged(rights, others, precedences(observed, actors), wrong or facts, captured.failure.finding.text),
        "// ---- What plays it: the same in every script of this kind ----\n",
        player,
        f"// ---- The host of the suite, {__version__}: conformance/hosts/node, bundled by esbuild ----\n",
        host,
    ])  # fmt: skip


# -- the head ---------------------------------------------------------------------------------------


def _comment(lines: Iterator[str]) -> str:
    safe = (f" * {line}".rstrip().replace("*/", "* /") for line in lines)
    return "\n".join(["/**", *safe, " */"]) + "\n"


def _about(captured: Captured, code: Code, launched: Launch, seen_again: str) -> Iterator[str]:
    package = f"{code.name}@{code.version}"
    failure = captured.failure
    yield f"{package}: {one_line(captured.scenario.title)}"
    yield ""
    yield from textwrap.wrap(one_line(captured.variant.about, 600), _WIDTH)
    yield ""
    findings = {
        finding.rule: finding
        for finding in failure.findings
        if RULES[finding.rule].severity == "must" and finding.rule != failure.finding.rule
    }
    for finding in (failure.finding, *findings.values()):
        yield from _item("WRONG", finding.text)
        yield from _item("RULE", f"{finding.rule}: {RULES[finding.rule].title}")
    if captured.defect in DEFECTS:
        means, fix = DEFECTS[captured.defect]
        yield from _item("KIND", f"{spaced(captured.defect)}. {means}")
        yield from _item("FIX", fix)
    origins = [gate.origin for gate in failure.played.history.gates if gate.origin is not None]
    places = list(dict.fromkeys(map(_place, origins)))
    if places:
        yield from _item("WHERE", f"in the package, in the order of the schedule: {', '.join(places[:12])}")
    yield ""
    service = launched.plan.service
    start = "node repro.mjs"
    if service is not None:
        start = f"{variable(service.kind)}={_default_url(launched)} {start}"
    if code.implementation == "path":
        yield "Run it on the checkout:"
        yield ""
        yield f"    WORLD_PACKAGE=path/of/the/checkout {start}"
    else:
        yield "Run it beside the installed package:"
        yield ""
        yield f"    npm i {package}"
        yield f"    {start}"
    yield ""
    if service is not None:
        said = f"Use a {service.kind} for tests: what the run stores there, it leaves there."
        if launched.plan.descriptor.setup is not None:
            said += " The World's own set-up is run first."
        yield from textwrap.wrap(said, _WIDTH)
    yield "Exit status 1: it is wrong, as said above. 0: what came of it is right. 2: it could not be run."
    yield ""
    yield "    WORLD_PACKAGE=../checkout node repro.mjs     the same against a checkout of the package"
    yield "    SCHEDULE=A node repro.mjs                    the same calls, one actor after the other"
    yield ""
    order = _order(captured)
    together = captured.variant.instance or launched.plan.shared_process
    where = "all actors call one World" if together else "each actor is a process with a World of its own"
    yield from textwrap.wrap(
        f"How: {where}. Each I/O operation of a racing call waits until it is let go, in this order: "
        f"{order} (A2B is: an operation of A, another one, one of B"
        f"{'; a small letter is where an actor begins' if order != order.upper() else ''}).",
        _WIDTH,
    )
    yield f"Written by workflow-world-conformance {__version__}. The suite sees it again with:"
    yield ""
    path = code.target.path
    yield f"    {seen_again.replace(str(path), 'path/of/the/checkout') if path is not None else seen_again}"


def _item(title: str, said: str) -> list[str]:
    return textwrap.wrap(
        one_line(said, 600),
        _WIDTH,
        initial_indent=f"{title:<6}",
        subsequent_indent="      ",
        break_long_words=False,
    )


# -- the data ---------------------------------------------------------------------------------------


def _data(captured: Captured, recording: Recording, code: Code, launched: Launch) -> str:
    observed = captured.failure.played.observe(captured.variant.level)
    literals = Literals(
        recording.names, f"{launched.namespace.name}:" if launched.namespace is not None else ""
    )
    plain = Literals()
    ids = {
        name: "" if name in recording.minted else identifier for identifier, name in recording.names.items()
    }
    actors = ",\n".join(
        f"  {actor}: {_calls(calls, literals, 2)}" for actor, calls in sorted(recording.race.items())
    )
    return "\n".join([
        "// ---- What was recorded ----\n",
        "/** The ids of this run; those that are empty are minted by the World. */",
        f"const id = {plain.write(ids)};\n",
        f"const WORLD = {plain.write(_world(code, launched, shared=captured.variant.instance))};\n",
        "/** What came before the race, alone. */",
        f"const GIVEN = {_calls(recording.given, literals)};\n",
        "/** What raced. Above each call: what it did when it was recorded, and where in the package. */",
        f"const RACE = {{\n{actors},\n}};\n",
        "/** Whose operation went ahead, in order. */",
        f"const SCHEDULE = {text(_order(captured))};\n",
        "/** What goes wrong in the race: with which operation, counted over all actors from 0. */",
        f"const FAULTS = {plain.write(_faults(recording))};\n",
        "/** What came after the race, alone. */",
        f"const AFTER = {_calls(recording.after, literals)};\n",
        "/** What is looked at in the end. */",
        f"const RUNS = {plain.write(_looked_at(observed.runs, observed.unreadable))};",
        f"const TOKENS = {plain.write([name for name, _ in observed.owners])};\n",
        "/** The World's logical clock begins here, in ms since 1970. */",
        f"const START = {recording.start};\n",
    ])  # fmt: skip


def _faults(recording: Recording) -> list[dict[str, Any]]:
    made = [one._asdict() | {"says": MEANING[one.kind]} for one in recording.faults]
    return [{name: value for name, value in one.items() if value != ""} for one in made]


def _looked_at(runs: Any, unreadable: Any) -> list[str]:
    return [run.name for run in runs] + [name for name, _ in unreadable if name.startswith("run")]


def _calls(calls: list[RecordedCall], literals: Literals, indent: int = 0) -> str:
    space = " " * indent
    if not calls:
        return "[]"
    made = [f"{space}  {_call(call, literals, indent + 2)},\n" for call in calls]
    did = [
        "".join(
            f"{space}  // {one_line(literals.named(label), 120)}  {one_line(where)}".rstrip() + "\n"
            for label, where in call.io
        )
        for call in calls
    ]
    return "[\n" + "".join(f"{io}{call}" for io, call in zip(did, made, strict=True)) + f"{space}]"


def _call(call: RecordedCall, literals: Literals, indent: int) -> str:
    space = " " * (indent + 2)
    lines = [
        f"actor: '{call.actor}', op: '{call.op}', says: {text(call.says)}, at: {call.at},",
        f"args: () => {literals.write(list(call.args), indent + 2)},",
    ]
    if call.answer:
        lines.append(f"answer: {text(call.answer)},")
    if call.gives:
        lines.append(f"gives: {Literals().write(call.gives)},")
    return "{\n" + "".join(f"{space}{line}\n" for line in lines) + " " * indent + "}"


def _order(captured: Captured) -> str:
    """The schedule as a script follows it: operations, and where an actor begins. A script has no queue."""
    played = captured.failure.played
    named = not set(STARTS).isdisjoint(played.token)
    kept: list[str] = []
    for held, chosen in played.steps:
        gate = next(gate for name, gate in held if name == chosen)
        each = chosen if not isinstance(gate, Start) else letter(chosen, gate)
        if each.isupper() or (named and each in STARTS and each not in kept):
            kept.append(each)
    return encode(kept)


def _place(origin: Origin) -> str:
    """A source line, and the line of the installed file that a run of the script names."""
    return origin.where + (f" ({origin.compiled})" if origin.compiled else "")


def _world(code: Code, launched: Launch, *, shared: bool) -> dict[str, Any]:
    """What a script must know of the world, with the templates of its descriptor left open."""
    descriptor = launched.plan.descriptor
    setup, service = launched.plan.setup, descriptor.service
    env = {**descriptor.env, **code.target.env}
    options = {**descriptor.options, **code.target.options}
    templates = " ".join(str(value) for value in [*options.values(), *env.values()])
    return {
        "package": code.name,
        "version": code.version,
        "options": {name: redact_value(name, value) for name, value in options.items()},
        "env": {name: str(redact_value(name, value)) for name, value in env.items()},
        "setup": {"command": list(setup.command), "env": setup.env} if setup is not None else None,
        "service": None if service is None else {
            "variable": variable(service.kind),
            "url": _default_url(launched),
            "port": kind_of(service.kind).PORT or service.port or 0,
        },
        "host": {name: launched.world[name] for name in _OF_HOST if name in launched.world} | (
            {"shared": True} if shared else {}
        ),
        # Who waits for a lock cannot be asked. A call in one process may wait for another one there.
        "locks": launched.plan.locks or shared,
        # A namespace or a directory of its own; in memory there is nothing left of an earlier run.
        "fresh": "{namespace}" in templates or "{directory}" in templates or service is None,
    }  # fmt: skip


def _refusals() -> list[dict[str, Any]]:
    words = {row.answer: "" if row.answer == "unexpected" else say(row.answer) for row in REFUSALS}
    rows = [row._asdict() | {"answer": words[row.answer]} for row in REFUSALS]
    return [{name: value for name, value in row.items() if value or name == "answer"} for row in rows]


def _default_url(launched: Launch) -> str:
    service = launched.plan.descriptor.service
    assert service is not None
    kind = kind_of(service.kind)
    return kind.url("localhost", service.port or kind.PORT, service.env)


# -- what is right ----------------------------------------------------------------------------------


def _judged(
    rights: list[Facts], others: list[Facts], before: list[tuple[str, str]], wrong: Facts, broken: str
) -> str:
    plain = Literals()
    shared = {
        name: value for name, value in (rights[0] if rights else {}).items()
        if all(right.get(name) == value for right in (*rights, *others))
    }  # fmt: skip
    either, if_overlapped = (
        [{name: value for name, value in right.items() if name not in shared} for right in some]
        for some in (rights, others)
    )
    explained = (
        "/** Right is this, together with one of the following: the calls in any order, one by one. */"
        if rights
        else "/** No list: it is too long, or what is wrong hangs on a fault, the runtime or a stream. */"
    )
    return "\n".join([
        "// ---- What would be right ----\n",
        explained,
        f"const ALWAYS = {plain.write(shared)};",
        f"const EITHER = {plain.write(either)};\n",
        "/** As right, unless the first call of each pair is answered before the second begins. */",
        f"const OVERLAPPED = {plain.write(if_overlapped)};",
        f"const BEFORE = {plain.write([list(pair) for pair in before] if others else [])};\n",
        "/** What was recorded and no right outcome has. */",
        f"const WRONG = {plain.write(wrong)};",
        f"const BROKEN = {text(one_line(broken, 600))};\n",
        "/** How refusals are recognised: by name, or else by status. */",
        f"const REFUSALS = {plain.write(_refusals())};\n",
    ])  # fmt: skip
