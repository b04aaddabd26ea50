"""The Python host: one process, one World instance per actor, speaking ``docs/host-protocol.md``.

Nothing here imports the engine, so the host runs under any Python (3.11 or newer) that has the
world's own dependencies.
"""
