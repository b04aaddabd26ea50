"""What an exception of a Python World is told as."""

from __future__ import annotations

from conformance.hosts.python.failures import describe
from conformance.spec.vocabulary import WorldError


def _raised(error: type[Exception], *words: str) -> Exception:
    try:
        raise error(*words)
    except Exception as raised:
        return raised


def test_an_error_that_says_nothing_is_told_by_the_line_that_raised_it() -> None:
    assert describe(_raised(AssertionError))["message"] == "raised by raise error(*words)"
    assert describe(AssertionError())["message"] == "", "it was never raised"


def test_the_words_of_an_error_are_its_own() -> None:
    assert describe(_raised(ValueError, "the key is taken"))["message"] == "the key is taken"


def test_an_error_without_words_ends_no_sentence_with_a_colon() -> None:
    assert str(WorldError("AssertionError", "")) == "AssertionError: no message"
    assert str(WorldError("Error", "", cause="ECONNRESET")) == "Error: no message (cause: ECONNRESET)"
