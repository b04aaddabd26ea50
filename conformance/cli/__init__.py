"""The small command line. One file per command; see ``_app`` for how they are found."""
