"""Concurrency conformance suite for Worlds of the Workflow SDK."""

from importlib.metadata import PackageNotFoundError, version

try:
    #: that of the tag it was built from
    __version__ = version("workflow-world-conformance")
except PackageNotFoundError:  # a folder that was not installed
    __version__ = "0.0.0"
