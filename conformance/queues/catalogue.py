"""What can be run: the probes and the stress races, by name."""

from __future__ import annotations

from typing import Final

from conformance.queues.flows import FLOWS
from conformance.queues.later import delay
from conformance.queues.probes import Probe, delivers, idempotency_key
from conformance.queues.retries import redelivers
from conformance.queues.survives import survives

PROBES: Final[dict[str, Probe]] = {
    probe.__name__: probe for probe in (delivers, idempotency_key, redelivers, delay, survives)
}

__all__ = ["FLOWS", "PROBES"]
