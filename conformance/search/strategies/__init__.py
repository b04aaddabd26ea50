"""Strategies: each decides which held lane is released next. One small file each."""

from conformance.search.strategies.base import Chooser, Step, Strategy
from conformance.search.strategies.drawn import Drawn
from conformance.search.strategies.exhaustive import Exhaustive
from conformance.search.strategies.from_token import Replay
from conformance.search.strategies.sequential import Sequential

__all__ = ["Chooser", "Drawn", "Exhaustive", "Replay", "Sequential", "Step", "Strategy"]
