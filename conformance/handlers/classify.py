"""How the handlers tell errors apart. The runtime's releases differ in this: three dialects.

``either`` accepts a name or a status and is the default, so that a verdict is about the transition
and not about spelling. ``by_name`` (core from 4.2.0-beta.72) and ``by_status`` (up to beta.71) are
what one release really sees; under them a conflict of the other dialect is an unexpected error.
"""

from __future__ import annotations

from collections.abc import Callable

from conformance.spec.vocabulary import BY_NAME, BY_STATUS, Answer, WorldError

Classify = Callable[[WorldError], Answer]


def either(error: WorldError) -> Answer:
    """By name or by status, whichever the world gives."""
    return error.answer


def by_name(error: WorldError) -> Answer:
    """By name only."""
    return BY_NAME.get(error.name, "unexpected")


def by_status(error: WorldError) -> Answer:
    """By status only."""
    return BY_STATUS.get(error.status, "unexpected")


def ended(answer: Answer) -> bool:
    """The transition was taken by someone else, or the run is finished: nothing left to do."""
    return answer in ("conflict", "gone")


def throttled(error: WorldError) -> bool:
    """The world asks for retry_after (429)."""
    return error.name == "ThrottleError" or error.status == 429


def broken_contract(error: WorldError) -> bool:
    """The world's answer could not be understood: trying again will not help, the run is failed."""
    if error.name != "WorkflowWorldError" or error.status is not None:
        return False
    return error.code in (
        "PARSE_ERROR",
        "SCHEMA_VALIDATION",
        "WORLD_CONTRACT_ERROR",
    ) or error.message.startswith(("Failed to parse response body for ", "Schema validation failed for "))


def retry_after(error: WorldError) -> float:
    """Seconds until another try: what the world says, at least one."""
    return max(1.0, error.retry_after if error.retry_after is not None else 1.0)
