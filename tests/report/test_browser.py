"""The page in a real browser: rendering, filters, opening cells, deep links, keys, hostile text, print."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from conformance.racemap.variants import NUMBER
from conformance.record.file import Record
from conformance.report.html import render_html
from conformance.report.matrix import build
from conformance.report.previous import before_last
from conformance.report.racemap import pair_view, world_maps
from conformance.report.racemap_html import render_map
from conformance.report.runtime_matrix import RuntimeCell, RuntimeMatrix
from conformance.report.runtime_matrix import render_html as runtimes_html
from conformance.report.trend import trend
from tests.report import factory, hostile
from tests.report.browser import chromium, emulate
from tests.report.factory import failed, header, passed, run

REDIS_6 = "redis-package-0.2.2-storage-6"


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture
def browser(chrome: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser; afterwards: no console message, and no request but for the file itself."""
    yield chrome
    untyped: Any = chrome
    assert untyped.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in untyped.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file:", "data:", "chrome:"))] == []


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two worlds, three levels, two runs."""
    old = [*factory.all_kinds(), passed(6, "continuation", level="runtime", runtime="4.8.9")]
    new = [
        *factory.all_kinds(),
        passed(6, world="mongodb"),
        failed(6, "continuation", level="runtime", runtime="4.8.9", rules=["continuation.lost"]),
    ]
    rules = {"step.terminal-once": "a step ends once; later transitions conflict"}
    record = Record(
        [
            run(old, header=header(run="1", started="2026-11-01T00:00:00Z")),
            run(new, header=header(run="2", rules=rules)),
        ]
    )
    text = render_html(build(record), previous=before_last(record), series=trend(record))
    path = tmp_path_factory.mktemp("page") / "matrix.html"
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def open_page(browser: webdriver.Chrome, address: str, *, width: int = 1280, dark: bool = False) -> None:
    browser.get("about:blank")
    emulate(browser, width, 900, dark=dark)
    browser.get(address)


def content_width(browser: webdriver.Chrome) -> int:
    """In CSS pixels. ``innerWidth`` is no bound for it: on a phone it grows with what overflows."""
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert isinstance(width, int)
    return width


def visible(browser: webdriver.Chrome, selector: str) -> list[Any]:
    return [found for found in browser.find_elements(By.CSS_SELECTOR, selector) if found.is_displayed()]


def rows(browser: webdriver.Chrome) -> list[str]:
    return [row.text.split("\n")[0] for row in visible(browser, ".matrix tbody tr:not(.group) th")]


def test_the_matrix_shows_marks_kinds_and_changes(browser: webdriver.Chrome, page: str) -> None:
    open_page(browser, page)
    assert rows(browser) == ["storage", "storage", "runtime 4.8.9"]
    cell = browser.find_element(By.CSS_SELECTOR, f"a[href='#{REDIS_6}']")
    assert cell.text.replace("\n", " ") == "✕ ✕ ✕ not atomic +2"
    assert "convergence: failed, not atomic" in str(cell.get_attribute("aria-label"))
    assert "1 broken" in browser.find_element(By.CSS_SELECTOR, ".matrix").text
    assert "5 failed" in browser.find_element(By.CSS_SELECTOR, ".tally").text.replace("\n", " ")
    assert visible(browser, ".trend .point")
    assert not visible(browser, ".detail")


def test_a_cell_opens_and_tells_what_where_and_how_to_see_it_again(
    browser: webdriver.Chrome, page: str
) -> None:
    open_page(browser, page)
    browser.find_element(By.CSS_SELECTOR, f"a[href='#{REDIS_6}']").click()
    (detail,) = visible(browser, ".detail")
    for part in (
        "Two handlers completed one step: both creates were accepted",
        "A step ends once; later transitions conflict".lower(),
        "it holds in sequence and breaks in a race",
        "dist/storage/events.js:231",
        "pytest --world=redis --world-replay .world/failures/redis-6-convergence.json",
        "replayed 20/20",
        "race window",
        "step_completed",
        "ReplyError",
    ):
        assert part.lower() in detail.text.lower(), part
    assert len(visible(browser, ".lanes .spot")) == 10
    assert len(visible(browser, ".log .bad")) >= 2
    link = detail.find_element(By.LINK_TEXT, "dist/storage/events.js:231").get_attribute("href")
    assert link == "https://app.unpkg.com/@workflow-worlds/redis@0.2.2/files/dist/storage/events.js#L231"
    assert browser.execute_script("return location.hash") == f"#{REDIS_6}"
    browser.find_element(By.CSS_SELECTOR, ".detail.open .close").click()
    assert not visible(browser, ".detail")


def test_the_copy_button_copies_the_command(browser: webdriver.Chrome, page: str) -> None:
    open_page(browser, f"{page}#{REDIS_6}")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    visible(browser, ".copy")[0].click()
    text = browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], error => arguments[0](String(error)))"
    )
    assert text == "pytest --world=redis --world-replay .world/failures/redis-6-convergence.json"
    assert visible(browser, ".copy")[0].text == "Copied"


@pytest.mark.parametrize(
    ("query", "wanted", "marks"),
    [
        ("show=failures", ["storage", "runtime 4.8.9"], 5),
        ("show=disagreements", ["storage", "storage"], 2),
        ("show=unjudged", ["storage", "storage", "runtime 4.8.9"], None),
        ("level=runtime", ["runtime 4.8.9"], None),
        ("runtime=4.8.9&show=failures", ["runtime 4.8.9"], 1),
        ("rule=continuation.lost", ["runtime 4.8.9"], 1),
        ("q=mongo", ["storage"], None),
        ("q=nothing-of-that-name", [], None),
    ],
)
def test_filters_by_address(
    browser: webdriver.Chrome, page: str, query: str, wanted: list[str], marks: int | None
) -> None:
    open_page(browser, f"{page}#?{query}")
    assert rows(browser) == wanted
    if marks is not None:
        assert len(visible(browser, ".matrix td .m:not(.off)")) == marks
    assert bool(visible(browser, "#nothing")) == (not wanted)


def test_filters_by_hand_are_in_the_address_and_can_be_cleared(browser: webdriver.Chrome, page: str) -> None:
    open_page(browser, page)
    browser.find_element(By.XPATH, "//label[contains(., 'Failures')]").click()
    browser.find_element(By.NAME, "q").send_keys("redis")
    assert browser.execute_script("return location.hash") == "#?show=failures&q=redis"
    assert "2 of 3 rows, 5 marks" in browser.find_element(By.ID, "shown").text
    browser.find_element(By.ID, "clear").click()
    browser.implicitly_wait(1)
    assert len(rows(browser)) == 3


def test_deep_links_and_the_way_back(browser: webdriver.Chrome, page: str) -> None:
    open_page(browser, f"{page}#{REDIS_6}-continuation?show=failures")
    assert visible(browser, f"[id='{REDIS_6}']")
    assert browser.execute_script(
        "return document.getElementById(arguments[0]).getBoundingClientRect().top < 300",
        f"{REDIS_6}-continuation",
    )
    visible(browser, ".detail.open nav a")[-1].click()
    assert "step_started" in visible(browser, ".detail h2")[0].text
    browser.back()
    assert "step_completed" in visible(browser, ".detail h2")[0].text


def test_keys(browser: webdriver.Chrome, page: str) -> None:
    open_page(browser, page)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys("n")
    assert "step_completed" in visible(browser, ".detail h2")[0].text
    body.send_keys("n")
    assert "step_started" in visible(browser, ".detail h2")[0].text
    body.send_keys("p")
    body.send_keys(Keys.ESCAPE)
    assert not visible(browser, ".detail")
    browser.find_element(By.CSS_SELECTOR, f"a[href='#{REDIS_6}']").send_keys(Keys.ARROW_RIGHT)
    assert str(browser.switch_to.active_element.get_attribute("href")).endswith("-7")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert "step_started" in visible(browser, ".detail h2")[0].text
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert str(browser.switch_to.active_element.get_attribute("href")).endswith("-7")


@pytest.mark.parametrize(("width", "dark"), [(390, False), (800, True), (1600, False)])
def test_nothing_overflows_and_the_scheme_is_followed(
    browser: webdriver.Chrome, page: str, width: int, dark: bool
) -> None:
    open_page(browser, f"{page}#{REDIS_6}", width=width, dark=dark)
    assert content_width(browser) <= width
    assert browser.execute_script(
        "const d = document.getElementById('details'); return d.scrollWidth <= d.clientWidth"
    )
    light = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (int(light.split("(")[1].split(",")[0]) < 100) is dark
    browser.find_element(By.CSS_SELECTOR, ".detail.open .close").click()
    browser.find_element(By.ID, "theme").click()
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") != light


def test_on_a_phone_each_cell_names_its_scenario_and_the_legend_is_named(
    browser: webdriver.Chrome, page: str
) -> None:
    open_page(browser, page, width=390, dark=False)
    said = browser.execute_script(
        "return getComputedStyle(document.querySelector('.matrix td[data-n=\"6\"]'), '::before').content"
    )
    assert "step_completed" in said
    legend = browser.find_element(By.CSS_SELECTOR, ".legend:not(:has(.sample)) > b")
    assert legend.text == "What the marks mean"
    assert "safe when two handlers race" in browser.find_element(By.CSS_SELECTOR, ".what").text


#: Texts with less than 4.5:1 against what they stand on: [ratio, class, text].
_FAINT = r"""
const light = ([r, g, b]) => {
  const part = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
};
const rgb = text => text.match(/[\d.]+/g).map(Number);
const ground = node => {
  for (; node; node = node.parentElement) {
    const found = rgb(getComputedStyle(node).backgroundColor);
    if (found.length < 4 || found[3] > .9) return found;
  }
  return [255, 255, 255];
};
const texts = '.dim, .kind, .m.pass, .m.fail, .m.inconclusive, .rule, .state, .delta, a, .copy, .banner';
return [...document.querySelectorAll(texts)].filter(node => node.offsetParent && node.textContent.trim())
  .map(node => {
    const ratio = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    return [(ratio[0] + .05) / (ratio[1] + .05), node.className, node.textContent.trim().slice(0, 30)];
  }).filter(([ratio]) => ratio < 4.5);
"""


def test_text_has_enough_contrast(browser: webdriver.Chrome, page: str) -> None:
    for dark in (False, True):
        open_page(browser, f"{page}#{REDIS_6}", dark=dark)
        assert browser.execute_script(_FAINT) == []


def test_it_prints_the_matrix_and_every_failure(browser: webdriver.Chrome, page: str) -> None:
    open_page(browser, page)
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert pdf.startswith(b"%PDF")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".detail")) == 3
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert len(visible(browser, ".detail")) == len(visible(browser, ".detail.failing")) == 3
    assert not visible(browser, ".filters")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_a_hostile_world_does_nothing_to_the_page(browser: webdriver.Chrome, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(render_html(build(hostile.record())), encoding="utf-8")
    open_page(browser, path.as_uri())
    cell = browser.find_element(By.CSS_SELECTOR, ".cell .m.fail")
    cell.click()
    assert "<script>window.owned=1</script>" in visible(browser, ".detail .reason")[0].text
    assert browser.execute_script("return window.owned") is None
    assert browser.find_elements(By.CSS_SELECTOR, "img, iframe, object") == []
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 1
    assert hostile.SECRET not in browser.page_source
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_a_killed_run_says_what_was_not_judged(browser: webdriver.Chrome, tmp_path: Path) -> None:
    line = factory.world(planned=factory.planned(*range(1, 9)))
    record = Record([run([passed(1)], worlds=[line], footer=None, problems=["a.jsonl: the run was killed"])])
    path = tmp_path / "killed.html"
    path.write_text(render_html(build(record)), encoding="utf-8")
    open_page(browser, path.as_uri())
    assert visible(browser, ".banner")[0].text == "a.jsonl: the run was killed"
    assert len(visible(browser, ".matrix .m.not_judged")) == 26
    visible(browser, ".cell")[-1].click()
    assert "Planned and not judged" in visible(browser, ".detail")[0].text


def test_without_a_script_every_cell_can_be_read(tmp_path: Path, page: str) -> None:
    with chromium(tmp_path / "profile", scripts=False) as plain:
        emulate(plain, 1280, 900)
        plain.get(f"{page}#{REDIS_6}")
        assert len(visible(plain, ".detail")) == 27
        assert not visible(plain, ".filters")
        assert not visible(plain, ".copy")


def test_seven_worlds_open_in_a_second(browser: webdriver.Chrome, tmp_path: Path) -> None:
    def judged(world: int, level: str) -> list[Any]:
        place: dict[str, Any] = {"world": f"world-{world}", "level": level}
        lanes = [factory.evidence(schedule=f"{number}") for number in range(4)]
        broken = [failed(5 + number, evidence=lanes[number], **place) for number in range(3)]
        return [
            *[passed(number, check, **place) for number in range(1, 5) for check in factory.CHECKS],
            *broken,
        ]

    record = factory.record(
        *[one for world in range(7) for level in factory.LEVELS for one in judged(world, level)]
    )
    text = render_html(build(record))
    assert len(text.encode()) < 2_000_000
    path = tmp_path / "seven.html"
    path.write_text(text, encoding="utf-8")
    took = []
    for _ in range(3):
        open_page(browser, path.as_uri())
        took.append(
            browser.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd")
        )
    assert min(took) < 1_000, took


def test_a_cell_of_the_race_map_opens_its_lanes_its_story_and_its_replay(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    place = {"variant": "run_completed~hook_received@running+hook-active", "level": "storage"}
    old = run([failed(NUMBER, "convergence", rules=["hook.received-alive"], **place)])
    new = run(
        [passed(NUMBER, "convergence", version="0.3.0", **place)], worlds=[factory.world(version="0.3.0")]
    )
    matrix = build(Record([old, new]))
    path = tmp_path / "map.html"
    view = pair_view(world_maps(matrix), "run_completed~hook_received")
    path.write_text(render_map(matrix, pair=view), encoding="utf-8")
    open_page(browser, path.as_uri(), width=2400)
    assert not visible(browser, ".detail")
    old_map, new_map = visible(browser, "main .map")
    assert old_map.location["y"] == new_map.location["y"]
    assert "unsafe" in visible(browser, ".changes")[0].text
    assert [cell.text for cell in visible(browser, ".pair td")] == ["✗", "✓"]
    old_map.find_element(By.CSS_SELECTOR, "a.unsafe").click()
    (detail,) = visible(browser, ".detail")
    assert visible(browser, ".detail svg.lanes")
    for part in (
        "run_completed ~ hook_received",
        "running+hook-active",
        "pytest --world=redis --world-replay",
    ):
        assert part in detail.text, part
    detail.find_element(By.LINK_TEXT, "close").click()
    assert not visible(browser, ".detail")
    open_page(browser, path.as_uri(), width=390)
    assert content_width(browser) <= 390
    said = visible(browser, "main h2 .dim")[0]
    assert said.text.endswith("cannot conflict")
    assert said.rect["x"] + said.rect["width"] <= 390, "a map is wider than a phone, what it says is not"


def test_releases_of_the_runtime_scroll_on_a_phone_and_their_workflows_are_shown(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    versions = [f"4.{minor}.0" for minor in range(12)]
    cells = [RuntimeCell(version, "unread-payload", "wrong output", 9) for version in versions]
    matrix = RuntimeMatrix(versions, ["unread-payload"], cells, flows={"unread-payload": "[[hook, step]]"})
    path = tmp_path / "runtimes.html"
    path.write_text(runtimes_html(matrix), encoding="utf-8")
    open_page(browser, path.as_uri(), width=390)
    assert content_width(browser) <= 390
    assert visible(browser, "pre")[0].text == "[[hook, step]]"
