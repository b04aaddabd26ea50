"""The rule about what was handed over: each thing of it that is not there is a finding."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.oracle.finding import Finding
from conformance.oracle.seen import Observed


def content_rules(observed: Observed) -> Iterator[Finding]:
    """A finding for every field that was handed over with success and is lost or another."""
    for loss in observed.losses:
        what = f"{loss.kind} {loss.entity}".rstrip()
        where = (
            f"the event {what}"
            if loss.where == "event"
            else f"the stored {loss.where} {loss.entity}".rstrip()
        )
        how = f"holds another {loss.field} than" if loss.another else f"lacks the {loss.field} that"
        text = f"{where} in {loss.run} {how} {what} was given"
        about = tuple(name for name in (loss.run, loss.entity) if name)
        yield Finding("convergence", "data.kept", text, wrong=f"{loss.where} {loss.field}", about=about)
