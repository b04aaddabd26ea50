"""Strategies: each decides which held lane is released next. One small file each."""

from conformance.engine.strategies.base import Chooser, Step, Strategy
from conformance.engine.strategies.drawn import Drawn
from conformance.engine.strategies.exhaustive import Exhaustive
from conformance.engine.strategies.replay import Replay
from conformance.engine.strategies.sequential import Sequential

__all__ = ["Chooser", "Drawn", "Exhaustive", "Replay", "Sequential", "Step", "Strategy"]
