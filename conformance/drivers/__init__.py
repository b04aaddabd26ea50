"""Drivers hold the actors of one World and their gates: in this process, in host processes, or relayed."""
