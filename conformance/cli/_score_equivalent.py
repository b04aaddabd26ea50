"""Mutants with which nothing is wrong, and why: a line each, argued by what the runtime does."""

from __future__ import annotations

import re
from typing import Final

_ANY_REFUSAL: Final = "The table accepts any of these refusals, for the handlers take them all as one."
_OWN_IDS: Final = (
    "Ids are drawn from a sequence that is seeded with the id of the run: no two runs share one."
)
_TAKES: Final = "The table takes the event there too."

#: A world, where it is so in one only; a pattern that fits names of mutants; why nothing is wrong with them.
_EQUIVALENT: Final[tuple[tuple[str, str, str], ...]] = (
    ("", r"not-found:hook-(disposed|received)", _ANY_REFUSAL),
    ("redis", r"line-dropped:run_cancelled\.40", "The table takes a refusal there as well as a success."),
    ("", r"gone:(hook-(disposed|received)|run-(cancelled|completed|failed))", _ANY_REFUSAL),
    (
        "memory",
        r"data-lost:(hook-disposed|run-(cancelled|started)|step-started|wait-completed)",
        "There is no data in this event, or a replay compares it where it is there and goes on without it.",
    ),
    (
        "memory",
        r"logged-(first|later):run-created",
        "The runtime of 4.x reads no run_created: docs/severity.md plays a log that lacks it.",
    ),
    (
        "",
        r"logged-(first|twice|later):run[-_]started",
        "A second or a late run_started is inert: docs/severity.md plays it, and it is a note.",
    ),
    (
        "memory",
        r"winner-refused:(step|wait)-created",
        "A handler takes the refusal for done, and the entity is there: it is a note (creation.winner-told).",
    ),
    ("", r"only-logged:hook-received", "A payload moves no entity: there is nothing but the event."),
    (
        "memory",
        r"answered-bare:(hook-.*|run-(cancelled|completed|failed)|step-(created|completed|failed|retrying)|wait-.*)",
        "The runtime reads nothing of the entity in this answer; what it reads, answer.shape checks.",
    ),
    (
        "memory",
        r"(reserved|logged-before):run-(cancelled|completed|failed)",
        "A handler stops at a terminal event wherever it stands; the log of an ended run is not replayed.",
    ),
    ("memory", r"(reserved|logged-before):run-created", "It is the first event: there is none before it."),
    ("memory", r"reserved:run-started", "One is logged, and until then there is nothing else to log."),
    (
        "memory",
        r"resent:(run-.*|step-created|wait-.*|hook-(created|disposed))",
        "What is sent again meets itself and is refused as there already, which a handler takes for done.",
    ),
    (
        "memory",
        r"resent:hook-received",
        "Line 4.x has no name for a resumption: a caller that gets no answer and asks again leaves the same.",
    ),
    (
        "memory",
        r"resent:step-(started|retrying)",
        "It counts twice, as it does when its message comes twice: the runtime promises at least once.",
    ),
    (
        "memory",
        r"guard-dropped:(step-(completed|failed|retrying)\.completed-failed-cancelled\.pending|"
        r"wait-completed\.completed-failed-cancelled\.waiting|hook-created\.pending-running\.disposed)",
        _TAKES,
    ),
    ("redis", r"line-dropped:(step_completed\.55|wait_completed\.80)", _TAKES),
    ("", r"guard-part:wait_completed\.(4|status)", _TAKES),
    ("", r"guard-part:step_(completed|failed|retrying)\.(4|\$or/0/status)", _TAKES),
    (
        "",
        r"(line-dropped:step_started\.155|write-dropped:step_started\.(4|\$unset/.*due))",
        "A step that starts has waited until then: the time that is left is over for whoever reads it.",
    ),
    (
        "mongodb",
        r"guard-part:step_started\.\$or/1/steps/\$elemMatch/due",
        "This part is about steps that run, and those have no time to wait for: their start took it away.",
    ),
    (
        "memory",
        r"guard-dropped:step-(failed|retrying)\.completed-failed-cancelled\.completed-failed-cancelled",
        "The run has ended: no handler reads its steps or its log again.",
    ),
    (
        "memory",
        r"guard-dropped:step-(completed|failed|retrying)\.any\.missing",
        "The runtime ends only what it has started, and the start of a step that is not there is refused.",
    ),
    (
        "",
        r"write-dropped:(hook_disposed\.2|hook_.*[/.]updated)",
        "It is updatedAt of a hook, which no read shows: the interface has none in a hook (hooks.ts).",
    ),
    (
        "",
        r"key-narrowed:(steps|waits|hooks)",
        _OWN_IDS,
    ),
    (
        "",
        r"key-narrowed:(step_(started|completed|failed|retrying)|wait_completed|hook_(received|disposed))\.(1|_id)",
        _OWN_IDS,
    ),
)


def why_equivalent(key: tuple[str, str]) -> str:
    """Why nothing is wrong with a mutant, by its world and its name; nothing when there is no such line."""
    of, mutant = key
    for world, pattern, why in _EQUIVALENT:
        if world in ("", of) and re.fullmatch(pattern, mutant):
            return why
    return ""
