"""A real headless Chromium for the tests of the page.

Without one the tests fail and say how to get it: a page that nobody opened must not pass silently.
Set ``WORLD_TESTS_NO_BROWSER=1`` to leave them out on purpose.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

_HINT = (
    "no Chromium with its driver was found, so the page was not opened: install them (Debian: "
    "apt-get install chromium chromium-driver), or set WORLD_TESTS_NO_BROWSER=1 to leave these tests out"
)
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
)


@contextmanager
def chromium(profile: Path, *, scripts: bool = True) -> Iterator[webdriver.Chrome]:
    """A browser with an empty profile in ``profile``; ``scripts=False`` runs no JavaScript of the page."""
    if os.environ.get("WORLD_TESTS_NO_BROWSER"):
        pytest.skip("left out on purpose: WORLD_TESTS_NO_BROWSER is set")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    binary = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.fail(_HINT)
    options = Options()
    options.binary_location = binary
    for flag in (*_FLAGS.split(), f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


def emulate(browser: webdriver.Chrome, width: int, height: int, *, dark: bool = False) -> None:
    """Screen size in CSS pixels, and the colour scheme the reader prefers."""
    metrics: dict[str, Any] = {
        "width": width,
        "height": height,
        "deviceScaleFactor": 1,
        "mobile": width < 600,
    }
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
