"""Worlds that go wrong with hooks and their tokens."""

from __future__ import annotations

from typing import Any, Final

from conformance.core.gates import Gate, Rows
from conformance.memory.mutants.mutant import Mutant, handlers, mapped, storage
from conformance.memory.mutants.ways import RUN_ENDS, Broken, NotAtomic, Raises, Unguarded
from conformance.spec.machine import State
from conformance.spec.table import Outcome, Row, index
from conformance.spec.vocabulary import Event, conflict, not_found


class _SharesTokens(Broken):
    """Does not look whether a token is taken."""

    def look_up(self, run_id: str, event: Event) -> Row:
        row = super().look_up(run_id, event)
        return index(4)["hook_created", "running", "missing", ""] if row.when == "token-held" else row


class _TokenRefused(Broken):
    """Says conflict when a token is taken, as if the hook existed."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        if outcome.answer == "hook_conflict":
            raise conflict("the token is taken")
        return super().write(run_id, event, outcome)


class _TokenConflictForgotten(Broken):
    """Tells its caller that a token is taken, and not the log."""

    def append(self, run_id: str, event: Event, now: int, *, conflict: bool = False) -> Event:
        stored = super().append(run_id, event, now, conflict=conflict)
        if conflict:
            self.events[run_id].pop()
        return stored


def _alive(state: State, run_id: str) -> list[tuple[str, str]]:
    """The hooks of a run that are alive, each with its token."""
    hooks = state.hooks.items()
    return [(key, hook.token) for key, hook in hooks if (hook.run_id, hook.status) == (run_id, "active")]


class _RemovesAll(Broken):
    """Deletes the rows of all hooks of a run when one of them is disposed of."""

    def write(self, run_id: str, event: Event, outcome: Outcome) -> dict[str, Any]:
        result = super().write(run_id, event, outcome)
        if self.concerns(event):
            for key, token in _alive(self.state, run_id):
                del self.state.hooks[key]
                self.state.tokens.pop(token, None)
        return result


class _FreesEarly(Broken):
    """Frees the tokens of a run in an operation of its own, before the end of the run is committed."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is not None and self.concerns(event):
            await Gate(f"free tokens of {run_id}", "write")
            for _, token in _alive(self.state, run_id):
                self.state.tokens.pop(token, None)
        return await super().events_create(run_id, event)


#: So many characters of a token fit.
_COLUMN: Final = 64


class _FoldsTokens(Broken):
    """Compares tokens as a database does whose collation ignores case."""

    def look_up(self, run_id: str, event: Event) -> Row:
        if event["eventType"] == "hook_created":
            token = event["eventData"]["token"]
            held = next((one for one in self.state.tokens if one.casefold() == token.casefold()), token)
            event = {**event, "eventData": {**event["eventData"], "token": held}}
        return super().look_up(run_id, event)


class _CutsTokens(Broken):
    """Keeps as much of a token as a short column holds, and says nothing of the rest."""

    def look_up(self, run_id: str, event: Event) -> Row:
        if event["eventType"] == "hook_created":
            token = event["eventData"]["token"]
            held = next((one for one in self.state.tokens if one[:_COLUMN] == token[:_COLUMN]), token)
            event = {**event, "eventData": {**event["eventData"], "token": held}}
        return super().look_up(run_id, event)


class _FreesFirst(Broken):
    """Frees the tokens of a run in an operation of its own, and then ends the run."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        if run_id is not None and self.concerns(event):
            await Gate(f"free tokens of {run_id}", "write")
            for _, token in _alive(self.state, run_id):
                self.state.tokens.pop(token, None)
        mine = {token: hook for token, hook in self.state.tokens.items() if self.concerns(event)}
        answer = await super().events_create(run_id, event)
        # What others have claimed meanwhile stays theirs.
        self.state.tokens |= {
            token: hook for token, hook in mine.items() if self.state.hooks[hook].run_id != run_id
        }
        return answer


class _FreesLast(Broken):
    """Ends a run and its hooks, and frees their tokens in an operation of its own. Who looks up a token finds
    no hook that has ended."""

    async def events_create(self, run_id: str | None, event: Event) -> dict[str, Any]:
        held = dict(self.state.tokens) if self.concerns(event) else {}
        answer = await super().events_create(run_id, event)
        freed = {token: hook for token, hook in held.items() if token not in self.state.tokens}
        if freed:
            self.state.tokens |= freed
            await Gate(f"free tokens of {run_id}", "write")
            for token in freed:
                del self.state.tokens[token]
        return answer

    async def hooks_get_by_token(self, token: str) -> dict[str, Any]:
        hook = self.state.hooks.get(self.state.tokens.get(token, ""))
        if hook is not None and hook.status != "active":
            await Gate(f"read token {token}", "read", (Rows("hooks", (("token", token),)),))
            raise not_found("no hook with that token")
        return await super().hooks_get_by_token(token)


MUTANTS = (
    Mutant(
        "hook-created-again",
        "Creates a hook anew.",
        storage(4, "run.no-creation-after-end") + storage(8, "hook.created-once"),
        Unguarded.of("hook_created"),
    ),
    Mutant(
        "token-shared",
        "Gives a token that another run holds to whoever asks.",
        storage(8, "hook.token-unique", "hook.status-agrees") + handlers(8, "hook.token-unique"),
        _SharesTokens,
    ),
    Mutant(
        "token-not-atomic",
        "Reads that the run runs and the token is free, and takes it later, whatever has become of them.",
        storage(4, "hook.released-at-end")
        + storage(8, "hook.token-unique", "hook.created-once")
        + handlers(8, "hook.token-unique"),
        NotAtomic.of("hook_created"),
    ),
    Mutant(
        "token-refused",
        "Answers a token that another run holds with a conflict, as if the hook existed.",
        storage(8, "hook.token-unique") + handlers(8, "run.no-hang"),
        _TokenRefused,
    ),
    Mutant(
        "token-conflict-forgotten",
        "Answers that a token is taken, and adds no event to the log: no replay ever learns of it.",
        storage(8, "log.agrees-with-answers") + handlers(8, "log.agrees-with-answers"),
        _TokenConflictForgotten,
    ),
    Mutant(
        "disposal-unguarded",
        "Disposes of a hook that is gone, again and again.",
        storage(4, "hook.disposed-once"),
        Unguarded.of("hook_disposed"),
    ),
    Mutant(
        "disposal-raises",
        "Lets a raw error out when a hook that is gone is disposed of.",
        storage(4, "error.classifiable", "logs.failed-delivery"),
        Raises.of("hook_disposed"),
    ),
    Mutant(
        "disposal-removes-all",
        "Deletes all hooks of a run when one of them is disposed of.",
        storage(0, "read.finds", "hook.created-once", "hook.token-unique"),
        _RemovesAll.of("hook_disposed"),
    ),
    Mutant(
        "tokens-freed-early",
        "Frees the tokens of a run before its end is committed, and once more with it.",
        mapped(
            "run_completed~hook_created:other-run@running+hook-active+other-hook-missing+other-run-running",
            "hook.token-unique",
        ),
        _FreesEarly.of(*RUN_ENDS),
    ),
    Mutant(
        "tokens-folded",
        "Takes two tokens for one that differ in case only.",
        storage(0, "hook.token-unique"),
        _FoldsTokens,
    ),
    Mutant(
        "tokens-cut",
        "Compares no more of two tokens than their first 64 characters.",
        storage(0, "hook.token-unique"),
        _CutsTokens,
    ),
    Mutant(
        "tokens-freed-first",
        "Frees the tokens of a run, and then ends it.",
        storage(4, "hook.token-unique"),
        _FreesFirst.of(*RUN_ENDS),
    ),
    Mutant(
        "tokens-freed-last",
        "Ends a run and its hooks, and then frees their tokens.",
        storage(4, "hook.token-unique"),
        _FreesLast.of(*RUN_ENDS),
    ),
)
