"""A page for each rule: what it means, why the runtime needs it, what breaks it, and how to fix it."""
