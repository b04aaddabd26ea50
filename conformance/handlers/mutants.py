"""Broken handlers: each differs from the real ones in one decision, and the suite must notice.

They prove that the checks at level ``handlers`` look at the handlers too: over a correct world every
one of these breaks a rule in a race of the scenario it is listed under.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.handlers.runtime import Policy


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken handler. ``scenarios``: the numbers of the races that show it.

    ``needs``: what besides the race it takes to show it, if anything.
    """

    name: str
    about: str
    scenarios: tuple[int, ...]
    policy: Policy
    needs: str = ""


MUTANTS: Final[dict[str, Mutant]] = {
    mutant.name: mutant
    for mutant in (
        Mutant(
            "fails_run_on_conflict",
            "Takes a conflict on run_started for a failure, and fails the run that another handler runs.",
            (1,),
            Policy(on_run_started_conflict="fail_run"),
            needs="a world that refuses the second of two starts of a pending run (an accepted answer)",
        ),
        Mutant(
            "late_start_raised",
            "Lets the refusal to start a finished run out of the handler, so that late messages fail.",
            (1, 2),
            Policy(on_run_started_conflict="raise"),
        ),
        Mutant(
            "completion_conflict_raised",
            "Lets the conflict of a lost run_completed out of the handler.",
            (2,),
            Policy(on_run_completed_conflict="raise"),
        ),
        Mutant(
            "failure_conflict_raised",
            "Lets the conflict of a lost run_failed out of the handler.",
            (3,),
            Policy(on_run_failed_conflict="raise"),
        ),
        Mutant(
            "body_despite_gone",
            "Runs the body of a step although its run is finished.",
            (4,),
            Policy(on_step_started_gone="run_body"),
        ),
        Mutant(
            "gone_step_raised",
            "Lets the refusal to start a step of a finished run out of the handler.",
            (4,),
            Policy(on_step_started_gone="raise"),
        ),
        Mutant(
            "wait_conflict_raised",
            "Lets the conflict of a lost wait_completed out of the handler.",
            (5,),
            Policy(on_wait_completed_conflict="raise"),
        ),
        Mutant(
            "lost_continuation",
            "Finishes a step and queues no continuation: the run hangs.",
            (6, 7),
            Policy(continuations=0),
        ),
        Mutant(
            "second_continuation",
            "Finishes a step and queues two continuations.",
            (6,),
            Policy(continuations=2),
        ),
        Mutant(
            "continues_on_conflict",
            "Queues a continuation although another handler finished the step.",
            (6,),
            Policy(on_step_finished_conflict="continue"),
        ),
        Mutant(
            "step_conflict_raised",
            "Lets the conflict of a lost step_completed out of the handler.",
            (6,),
            Policy(on_step_finished_conflict="raise"),
        ),
        Mutant(
            "no_requeue",
            "Finds a step finished and queues nothing, though its finisher may have died before it could.",
            (7,),
            Policy(on_step_started_conflict="stop"),
            needs="a step that finished and whose continuation was lost",
        ),
        Mutant(
            "body_despite_conflict",
            "Runs the body of a step that is finished.",
            (7,),
            Policy(on_step_started_conflict="run_body"),
        ),
        Mutant(
            "keyless_steps",
            "Queues steps without an idempotency key, so that two replays have a step delivered twice.",
            (8,),
            Policy(step_key=False),
        ),
        Mutant(
            "creation_conflict_raised",
            "Lets the conflict of a lost step_created, wait_created or hook_created out of the handler.",
            (4, 8),
            Policy(on_created_conflict="raise"),
        ),
        Mutant(
            "drops_rest",
            "Leaves after the first lost creation, and drops the items that come after it.",
            (8,),
            Policy(on_created_conflict="drop_rest"),
            needs="a winner that dies after its first creation and is not delivered again",
        ),
        Mutant(
            "hook_conflict_sleeps",
            "Gets a hook_conflict and asks for no further delivery: the run does not learn of it.",
            (8,),
            Policy(hook_conflict_wakes=False),
        ),
        Mutant(
            "loud_loser",
            "Logs a lost race as an error.",
            (2, 3, 4, 5, 6, 8),
            Policy(lost_race="error"),
        ),
    )
}
