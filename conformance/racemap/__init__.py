"""The race map: every pair of operations, raced from every state in which the table says that order counts."""
