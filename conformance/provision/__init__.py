"""From the name of a World to an open one: its code, its service, and the driver that holds it."""
