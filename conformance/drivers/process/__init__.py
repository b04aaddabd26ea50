"""Processes that hold a world: how they are started, spoken to, and how they fail."""
