"""The memory World: the spec's table made into a World, and the ways to break it."""
