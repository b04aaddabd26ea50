"""The record of a run: its lines, its schema, how it is written and read, and what a replay names."""
