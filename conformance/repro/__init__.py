"""A failure as something runnable: one plain Node script that needs the world's package and nothing of ours."""
