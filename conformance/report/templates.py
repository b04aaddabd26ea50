"""The templates of ``reports/templates``, with what they call."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jinja2

from conformance.core.content import content
from conformance.core.text import clean
from conformance.report.words import (
    again,
    cause_of,
    further_breaks,
    main_rules,
    rule_help,
    searched,
    service_title,
    spaced,
    tried,
)


def _data(value: Any) -> str:
    """Event data in one line."""
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), 300)


@cache
def template_text(name: str) -> str:
    """A file that pages are made of."""
    return (content("reports") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> jinja2.Environment:
    """The templates of the pages, with what they call. All text is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(content("reports") / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data"] = _data
    environment.filters["spaced"] = spaced
    environment.filters["service"] = service_title
    environment.filters["again"] = again
    environment.filters["main_rules"] = main_rules
    environment.filters["rule_help"] = rule_help
    environment.filters["cause"] = cause_of
    environment.filters["further_breaks"] = further_breaks
    environment.filters["tried"] = tried
    environment.filters["searched"] = searched
    environment.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["num"] = lambda value: f"{value:g}"
    return environment
