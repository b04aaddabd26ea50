"""A failure as something runnable: one plain Node script that needs only the world's package."""
