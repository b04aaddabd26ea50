"""Concurrency conformance suite for Worlds of the Workflow SDK."""

__version__ = "0.1.0"
