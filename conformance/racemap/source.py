"""A race of the map, or a generated program, as the Python source of a scenario that stands on its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.core.scenario import TOGETHER, Case, Scenario, Variant
from conformance.drivers.driver import ACTORS
from conformance.racemap.derive import pairs
from conformance.racemap.operations import READS
from conformance.racemap.programs import PROGRAMS, Written, takes_effect
from conformance.racemap.variants import BEFORE_READ, BESIDE, RACE_MAP, TWICE
from conformance.spec.reach import Move, attributes
from conformance.spec.rows import LINES, Line

#: One operation: an event, or the name of a read.
Step = Move | str

_EVENTS: Final[dict[str, str]] = {
    "run_created": 'events.run_created(WORKFLOW, "x")',
    "run_started": "events.run_started()",
    "run_completed": "events.run_completed({value})",
    "run_failed": 'events.run_failed("boom")',
    "run_cancelled": "events.run_cancelled()",
    "step_created": 'events.step_created({about}, "work", "x")',
    "step_started": "events.step_started({about})",
    "step_completed": "events.step_completed({about}, {value})",
    "step_failed": 'events.step_failed({about}, "boom")',
    "step_retrying": 'events.step_retrying({about}, "boom")',
    "wait_created": "events.wait_created({about}, suite.elapsed())",
    "wait_completed": "events.wait_completed({about})",
    "hook_created": "events.hook_created({about}, {token})",
    "hook_received": "events.hook_received({about}, {value})",
    "hook_disposed": "events.hook_disposed({about})",
    "attr_set": "events.attr_set({about}, {changes})",
}
#: The same events where they carry more: what a start creates, and the id of a resumption.
_FURTHER: Final[dict[tuple[str, str], str]] = {
    ("step_retrying", "retry-later"): 'events.step_retrying({about}, "boom", suite.far())',
    ("step_started", "creates"): 'events.step_started_lazily({about}, "work", "x")',
    ("hook_received", "resumes"): 'events.hook_received({about}, "x")',
}
_CALLS: Final[dict[str, str]] = {
    "runs.get": "actor.run(run)",
    "events.list": "actor.events(run)",
    "events.pages": "actor.read_on(run, 1)",
    "steps.get": "actor.step(run, step)",
    "steps.list": "actor.steps(run)",
    "hooks.get": 'actor.call("hooks.get", hook)',
    "hooks.getByToken": "actor.hook_by_token(token)",
    "hooks.list": "actor.hooks(run)",
}
_ORDINALS: Final = ("", "other_", "third_")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A race as data: what the suite does alone, and what each actor does."""

    given: tuple[Move, ...]
    actors: tuple[tuple[Step, ...], ...]
    #: the first line of the spec that has all of it
    since: Line = LINES[0]


def recipe_of(scenario: Scenario, variant: Variant, case: Case) -> Recipe | None:
    """The race of a place of the map or of a generated program; None for any other variant."""
    if scenario is PROGRAMS:
        written = Written.from_json(case.payload)
        given = tuple(word.move for word in takes_effect(written.given) if word.move is not None)
        actors = [tuple(word.move or word.op.name for word in actor) for actor in written.actors]
        words = (*written.given, *(word for actor in written.actors for word in actor))
        since = max(word.op.since for word in words)
        return Recipe(given, tuple(actors[: case.actors]), since)
    if scenario is not RACE_MAP:
        return None
    # A scenario's own variants are raced in one instance, too.
    raced = variant.name.removesuffix(TOGETHER)
    name = raced.removesuffix(TWICE)
    for pair in pairs(LINES[-1], whole=True):
        for place in pair.places:
            beside = f"{pair.name}{BESIDE}@{place.name}" == name
            if beside or f"{pair.name}@{place.name}" == name:
                one: Step = pair.one.moved(pair.relation if pair.other.reads else "same")
                other: Step = pair.other.name if pair.other.reads else pair.other.moved(pair.relation)
                ones, others = (one,), (BEFORE_READ, other) if beside else (other,)
                turns = ((*ones, *others), (*others, *ones)) if raced != name else (ones, others)
                return Recipe(place.prefix, tuple(turns[number % 2] for number in case.numbers), pair.since)
    return None


def source(recipe: Recipe, *, number: int, name: str, about: str, origin: str) -> str:
    """The text of a file in ``scenarios/``. ``about`` says what is wrong, ``origin`` where it was found."""
    lines = [
        f'"""Scenario {number}: a generated race that was found to fail.',
        "",
        f"{_plain(about)}",
        "",
        f"Found with {_plain(origin)}",
        '"""',
        "",
        *(["from contextlib import suppress", ""] if _suppresses(recipe) else []),
        f"from conformance.api import {', '.join(_imports(recipe))}",
        "",
        f'SCENARIO = Scenario({number}, "{name}", "A generated race that was found to fail")',
        "",
        "",
        f'@SCENARIO.storage("found", most={len(recipe.actors)}, mixed=True{_since(recipe)})',
        "async def found(suite: Suite, case: Case) -> Race:",
        f'    """{" against ".join(_says(actor) for actor in recipe.actors)}."""',
        *(f"    {line}" for line in _prefix(recipe)),
    ]
    for letter, actor in zip(ACTORS.lower(), recipe.actors, strict=False):
        lines += ["", f"    async def {letter}(actor: Actor) -> None:"]
        lines += [f"        {line}" for line in _program(actor)]
    programs = ", ".join(ACTORS.lower()[: len(recipe.actors)])
    tokens = ", tokens=[token]" if "token" in _names(recipe) else ""
    lines += ["", f"    return Race([{programs}][: case.actors]{tokens})"]
    return "\n".join(lines) + "\n"


def _since(recipe: Recipe) -> str:
    return f", since={recipe.since}" if recipe.since != LINES[0] else ""


def _imports(recipe: Recipe) -> Iterator[str]:
    raced = [step for actor in recipe.actors for step in actor if isinstance(step, Move)]
    if any(step.event == "run_created" for step in raced):
        yield "WORKFLOW"
    yield from ("Actor", "Case", "Race", "Scenario", "Suite")
    if _suppresses(recipe):
        yield "WorldError"
    if raced or any(step.event != "run_created" for step in recipe.given):
        yield "events"


def _suppresses(recipe: Recipe) -> bool:
    return any(len(actor) > 1 for actor in recipe.actors)


def _says(actor: Sequence[Step]) -> str:
    return ", ".join(step if isinstance(step, str) else step.event for step in actor)


def _prefix(recipe: Recipe) -> Iterator[str]:
    """What the suite does alone, and the names of all that the actors are about."""
    created = {step.run for step in recipe.given if step.event == "run_created"}
    for step in recipe.given:
        if step.event == "run_created":
            yield f"{_run(step.run)} = await suite.run(started=False)"
    for run in sorted(_runs(recipe) - created):
        yield f"{_run(run)} = await suite.missing_run()"
    for name, kind in _names(recipe).items():
        yield f'{name} = suite.name("{kind}")'
    if any(isinstance(step, Move) and step.when == "resumes" for step in _steps(recipe)):
        yield 'resume = {"resumeId": suite.name("resume"), "resumePayloadDigest": "0" * 64}'
    for step in recipe.given:
        if step.event != "run_created":
            yield f"await suite.actor.create({_asked(step, 'x')})"


def _steps(recipe: Recipe) -> list[Step]:
    return [step for part in (recipe.given, *recipe.actors) for step in part]


def _asked(step: Move, value: str) -> str:
    """What ``Actor.create`` is called with."""
    more = ", resume" if step.when == "resumes" else ""
    return f"{_run(step.run)}, {_event(step, value)}{more}"


def _runs(recipe: Recipe) -> set[int]:
    steps = _steps(recipe)
    read = {0 for step in steps if isinstance(step, str) and "(run" in _CALLS[step]}
    return read | {step.run for step in steps if isinstance(step, Move)}


def _names(recipe: Recipe) -> dict[str, str]:
    """The names of entities and tokens, and the kind of each."""
    found: dict[str, str] = {}
    for part in (recipe.given, *recipe.actors):
        for step in part:
            if isinstance(step, Move) and step.kind != "run":
                found[_entity(step)] = step.kind
                if step.event == "hook_created":
                    found[_token(step)] = "token"
            elif isinstance(step, str) and READS[step] != "run" and step not in ("steps.list", "hooks.list"):
                found.setdefault("token" if step == "hooks.getByToken" else READS[step], READS[step])
    return {name: "token" if name.endswith("token") else kind for name, kind in found.items()}


def _program(actor: Sequence[Step]) -> Iterator[str]:
    for number, step in enumerate(actor):
        call = _CALLS[step] if isinstance(step, str) else f"actor.create({_asked(step, '')})"
        if number == len(actor) - 1:
            yield f"await {call}"
        else:
            yield "with suppress(WorldError):"
            yield f"    await {call}"


def _event(step: Move, value: str) -> str:
    """The expression that makes an event."""
    said = f'"{value}"' if value else '{"by": actor.name}'
    template = _FURTHER.get((step.event, step.when), _EVENTS[step.event])
    changes = json.dumps(attributes(step))
    named = ("about", _entity(step)), ("token", _token(step)), ("value", said), ("changes", changes)
    for name, text in named:
        template = template.replace(f"{{{name}}}", text)
    return template


def _run(number: int) -> str:
    return f"{_ORDINALS[number]}run"


def _entity(step: Move) -> str:
    return f"{_ORDINALS[step.entity]}{step.kind}"


def _token(step: Move) -> str:
    return f"{_ORDINALS[step.token]}token"


def _plain(text: str) -> str:
    """A text from a World as it may stand in a docstring."""
    return "".join(one for one in text if one.isprintable()).replace("\\", "/").replace('"', "'")[:300]
