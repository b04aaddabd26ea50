"""The race map: every pair of operations, raced from the states in which their order counts."""
