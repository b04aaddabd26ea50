"""Real queues: a world's own queue delivers over HTTP to its hosts, in real time, and what comes is judged.

Probes (:mod:`conformance.queues.probes`) count deliveries of messages that do nothing; stress races
(:mod:`conformance.queues.stress`) run real workflows and say how often a defect shows by itself. Nothing
is held here, so what is seen depends on timing and on the machine: docs/queues.md says what that proves.
"""
