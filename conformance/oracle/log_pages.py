"""A log that is read in small pages, once all is quiet: it has to be the log that is read at once."""

from __future__ import annotations

from conformance.core.history import Snapshot
from conformance.oracle.names import Name, event_in_words
from conformance.spec.vocabulary import Event


def mispaged(snapshot: Snapshot, name: Name) -> str:
    """What a log lacks or has too much when it is read in small pages, in words; empty when it is as it
    should be, or was not read so."""
    if snapshot.paged is None:
        return ""
    whole, pages = ([event["eventId"] for event in each] for each in (snapshot.events, snapshot.paged))
    if whole == pages:
        return ""
    lacks = _first([event for event in snapshot.events if event["eventId"] not in pages], name)
    surplus = _first([event for event in snapshot.paged if event["eventId"] not in whole], name)
    said = [f"lacks {lacks}"] if lacks else []
    said += [f"has {surplus} too much"] if surplus else []
    if not said:
        again = len(pages) > len(set(pages))
        said = ["has an event twice" if again else "has its events in another order"]
    return " and ".join(said)


def _first(events: list[Event], name: Name) -> str:
    if not events:
        return ""
    more = f" and {len(events) - 1} more" if len(events) > 1 else ""
    return event_in_words(events[0], name) + more
