"""Strategies: each decides which held actor is released next. One small file each."""

from conformance.search.strategies.from_token import Replay
from conformance.search.strategies.generated import Generated
from conformance.search.strategies.newcomer import NewcomerFirst
from conformance.search.strategies.search import DEPTHS, Depth, Search
from conformance.search.strategies.sequential import Sequential
from conformance.search.strategy import Chooser, Step, Strategy

__all__ = [
    "DEPTHS",
    "Chooser",
    "Depth",
    "Generated",
    "NewcomerFirst",
    "Replay",
    "Search",
    "Sequential",
    "Step",
    "Strategy",
]
