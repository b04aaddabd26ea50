"""The real runtime of ``vercel-workflow`` over the World under test: ``docs/host-protocol.md``."""
