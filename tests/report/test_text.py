"""Text from outside: redacted, printable, bounded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.redact import know
from conformance.core.text import bound, clean, clean_data, one_line, printable, redact


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("redis://user:pass@host:6379/0", "redis://***@host:6379/0"),
        ("redis://:p@ss@host:6379", "redis://***@host:6379"),
        ("redis://:pa/ss?x#y@host:6379", "redis://***@host:6379"),
        ("mongodb+srv://u:p@a.b/x", "mongodb+srv://***@a.b/x"),
        ("postgres://u@h/db", "postgres://***@h/db"),
        ("libsql://x.turso.io?authToken=abc.def&y=1", "libsql://x.turso.io?authToken=***&y=1"),
        ('{"url": "redis://a:b@c"}', '{"url": "redis://***@c"}'),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ("password: 'hunter2'", "password: '***'"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
        ("https://example.org/@workflow/world-local", "https://example.org/@workflow/world-local"),
        ("http://localhost:8080/@scope/x", "http://localhost:8080/@scope/x"),
        ("the hook token=order-1 is held", "the hook token=order-1 is held"),
        ("mail a@b.example", "mail a@b.example"),
    ],
)
def test_redact(text: str, wanted: str) -> None:
    assert redact(text) == wanted


def test_escapes_and_controls_go() -> None:
    text = "\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 a\x00b\x08c \u202egnirts \x9b31mx"
    assert clean(text) == "red link abc gnirts x"
    assert clean("a\r\nb\tc") == "a\nb\tc"


def test_long_text_is_cut_with_a_count() -> None:
    assert bound("abcdef", 3) == "abc … [3 more characters]"
    assert clean("x" * 10_000, 100) == "x" * 100 + " … [9,900 more characters]"
    assert one_line("a\n\n  b\tc") == "a b c"


def test_a_secret_across_the_cut_is_not_halved() -> None:
    text = "x" * 90 + " redis://user:sixteencharacters@host"
    assert "sixteen" not in clean(text, 110)


def test_data_is_cleaned_all_through_and_bounded() -> None:
    data = {"\x1bkey": ["redis://a:b@c", {"n": 1, "none": None, "list": list(range(500))}]}
    made = clean_data(data)
    assert made["key" if "key" in made else next(iter(made))][0] == "redis://***@c"
    assert made[next(iter(made))][1]["list"][-1] == "… [400 more items]"
    nested: list[object] = []
    for _ in range(5_00):
        nested = [nested]
    assert "items]" in str(clean_data(nested))


def test_hostile_text_costs_no_time() -> None:
    began = time.perf_counter()
    for text in ("http://" * 600_000, "a://" + ":" * 4_000_000, "\x1b" * 4_000_000, "password=" * 400_000):
        clean(text)
    assert time.perf_counter() - began < 2


def test_a_secret_that_is_a_word_of_ours_does_not_break_a_record() -> None:
    know("zebrafinch")
    made = clean_data({"check": "zebrafinch", "rules": ["run.no-hang"], "reason": "zebrafinch-7"})
    assert made == {"check": "zebrafinch", "rules": ["run.no-hang"], "reason": "***-7"}


SUSPECT = ["a password=b c", "x://u:p@h", "Bearer abcdefgh12", "MY_API_KEY: x", "pwd=1"]


@given(st.text(st.characters(max_codepoint=126)) | st.sampled_from(SUSPECT))
def test_the_short_cut_for_plain_text_changes_nothing(text: str) -> None:
    assert clean(text) == redact(printable(text))


@given(st.text())
def test_clean_is_stable_and_encodable(text: str) -> None:
    made = clean(text)
    made.encode()
    assert clean(made) == made
    assert "\x1b" not in made
