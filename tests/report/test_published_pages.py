"""A published page alone says of a red cell what is wrong, where, how to see it again, and how to fix it."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from tests.report.browser import chromium, emulate

_FOLDER = Path(__file__).parents[2] / "reports" / "matrix"
_PAGES = ("storage.html", "runtime-4.8.9.html")
_SEED = 16
#: of each page
_CELLS = 10
#: What a reader sees of the first red check of a cell: texts, and whether each stands within the screen.
_LOOK = """
location.hash = arguments[0];
const cell = document.getElementById(arguments[0]);
const check = cell.querySelector('article.check.fail');
const terms = {};
for (const dt of check.querySelectorAll('.story dt')) terms[dt.textContent.trim()] ??= dt.nextElementSibling;
const places = {
  what: check.querySelector('.reason'),
  where: terms['Where'] ?? check.querySelector('.story .scroll'),
  again: check.querySelector('.again code'),
  fix: terms['Kind'],
};
const seen = element => {
  if (!element || !element.getClientRects().length) return null;
  const { left, right } = element.getBoundingClientRect();
  return { text: element.textContent.trim(), fits: left >= 0 && right <= innerWidth + 1 };
};
return Object.fromEntries(Object.entries(places).map(([name, element]) => [name, seen(element)]));
"""


def _chosen() -> list[tuple[str, str]]:
    """Page and id of red cells, by seed."""
    found = []
    for name in _PAGES:
        text = (_FOLDER / name).read_text(encoding="utf-8")
        ids = re.findall(r'<section class="detail failing" id="([^"]+)"', text)
        found += [(name, one) for one in random.Random(_SEED).sample(ids, _CELLS)]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_what_where_again_and_how_to_fix_it_are_there(tmp_path: Path, width: int) -> None:
    missing: list[str] = []
    with chromium(tmp_path) as browser:
        emulate(browser, width, 900)
        page = ""
        for name, cell in _chosen():
            if name != page:
                browser.get((_FOLDER / name).as_uri())
                page = name
            missing += [f"{cell}: {what}" for what in _wanting(browser, cell)]
    assert missing == []


def _wanting(browser: webdriver.Chrome, cell: str) -> list[str]:
    """What a reader of a cell does not get."""
    seen: dict[str, Any] = browser.execute_script(_LOOK, cell)
    lacks = [what for what, found in seen.items() if not found or not found["text"]]
    lacks += [f"{what} leaves the screen" for what, found in seen.items() if found and not found["fits"]]
    if not lacks and not seen["again"]["text"].startswith("pytest "):
        lacks.append("no command that shows it again")
    # The kind of defect is told with a second sentence: what to do.
    if not lacks and seen["fix"]["text"].count(". ") < 1:
        lacks.append("no fix")
    return lacks
