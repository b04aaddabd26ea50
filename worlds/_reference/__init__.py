"""What the reference worlds share: shapes of entities, text of values, reasons for a refusal, mutants."""
