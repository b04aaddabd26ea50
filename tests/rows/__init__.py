"""Which rows an operation touches."""
