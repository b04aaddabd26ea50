"""Set-ups that are sent in one message: a program that asks for something else is played call by call."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.api import Case, Race, Suite
from conformance.core import events
from conformance.core.scenario import Variant
from conformance.drivers.driver import SUITE
from conformance.drivers.process.host import HostProcess
from conformance.levels.prefix import Prefix, Prefixes
from conformance.provision.open import OpenWorld
from conformance.spec.vocabulary import WorldError


class Whims:
    """A set-up of five calls. ``whim`` makes it go another way."""

    whim = ""

    async def build(self, suite: Suite, case: Case) -> Race:  # noqa: ARG002 - the shape of a variant
        run = await suite.run()
        step = suite.name("step")
        name = "other" if self.whim == "another argument" else "work"
        await suite.actor.create(run, events.step_created(step, name))
        if self.whim != "fewer calls":
            await suite.wait(run)
            with pytest.raises(WorldError):
                twice = "new" if self.whim == "not refused" else step
                await suite.actor.create(run, events.step_created(twice, "work"))
                raise WorldError("Refused", "as if it had been")
        if self.whim == "more calls":
            await suite.hook(run)
        return Race([], tokens=[run])

    def variant(self) -> Variant:
        return Variant("whims", "storage", self.build)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types of messages that hosts are sent."""
    types: list[str] = []
    send = HostProcess.send

    def noted(host: HostProcess, message: dict[str, Any], timeout: float = 30.0) -> None:
        types.append(message["type"])
        send(host, message, timeout)

    monkeypatch.setattr(HostProcess, "send", noted)
    return types


def _logged(opened: OpenWorld, prefix: Prefix) -> list[str]:
    """The types of events that the World has of the run that was made."""
    [run] = prefix.race.tokens
    found = opened.driver.alone(opened.driver.actor(SUITE).events(run))
    return [event["eventType"] for event in found]


def _asked(prefix: Prefix) -> list[tuple[str, str]]:
    return [(call.event["eventType"], call.answer) for call in prefix.history.calls]


@pytest.mark.parametrize(
    ("whim", "messages"),
    [
        ("", ["calls"]),
        # It was told of a call that is not made: the schedule begins anew, one message a call.
        ("another argument", ["calls", *["call"] * 5]),
        ("fewer calls", ["calls", *["call"] * 3]),
        # What was told is right, and what more there is goes alone.
        ("more calls", ["calls", "call"]),
        ("not refused", ["calls", *["call"] * 5]),
    ],
)
def test_a_set_up_that_goes_another_way(
    whim: str, messages: list[str], local_driver: OpenWorld, sent: list[str]
) -> None:
    local_driver.driver.prepare()
    del sent[:]
    prefixes, whims = Prefixes(local_driver.driver), Whims()
    variant = whims.variant()
    for seed in (1, 2):
        prefixes.make(variant, Case(), seed)
    assert sent == ["call"] * 10, "nothing is foreseen before it was seen twice"
    del sent[:]
    whims.whim = whim
    made = prefixes.make(variant, Case(), 3)
    assert sent == messages
    assert not made.history.broken
    kinds = {"another argument": 5, "fewer calls": 3, "more calls": 6, "not refused": 5, "": 5}
    asked = _asked(made)
    assert len(asked) == kinds[whim]
    done = [kind for kind, answer in asked if answer == "ok"]
    assert _logged(local_driver, made) == done, "nothing that the program did not ask for is in the run"
    assert len(done) == len(asked) - (whim not in ("fewer calls", "not refused"))
    # The same way again: what was seen twice is foreseen from then on.
    for seed in (4, 5):
        prefixes.make(variant, Case(), seed)
    del sent[:]
    prefixes.make(variant, Case(), 6)
    assert sent[0] == "calls"
