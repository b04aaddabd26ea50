"""The vocabulary that everything shares: actors, cases, events, faults, gates, histories, errors.

It knows nothing of the rest but :mod:`conformance.spec`.
"""
