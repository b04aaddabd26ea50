"""What a World must do, as data: events, rules, the transition table and the machine that reads it."""
