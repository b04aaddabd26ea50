"""Scenario 0: the state machine, with nothing racing.

One caller sends every event in every state of run and entity, over several runs, and reads all that is stored
through every read there is. Whatever fails here needs no race: it is the control of the eight races.

Answers    as the transition table says (docs/spec.md), with the event and the entity as they are then.
Stored     every entity holds what its events brought: inputs, results, outputs, errors, times.
Reads      by id, by token, by correlation id, and every list: both orders, any limit, cursor by cursor.
Source     Workflow SDK docs, event sourcing; @workflow/world, the interface ``Storage``.
"""

from conformance.api import Case, Race, Scenario, Suite, sequential

SCENARIO = Scenario(0, "state_machine", "One caller, every event in every state, and every read")


@SCENARIO.sequential("programs")
async def programs(suite: Suite, case: Case) -> Race:
    """One actor plays a program: events and reads, one after another."""
    return await sequential(suite, case)
