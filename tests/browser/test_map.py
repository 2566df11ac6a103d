"""The map page in headless Chromium, drawn by software: what a planner sees and touches."""

from __future__ import annotations

import io
import json
import shutil
import time
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import numpy as np
import pytest
from waitress import create_server

from gridgeo.io.write import write_plan
from gridgeo.settings import Settings
from gridgeo.store import open_store
from gridgeo.web.app import create_app
from tests.web.conftest import nine_grids, town
from tests.web.test_serve import served

pytestmark = pytest.mark.browser

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--window-size=1280,860",
)
WAIT_S = 90


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    with served(path) as here:
        yield here


@pytest.fixture
def drafts(tmp_path):
    """A town of its own, whose plan a test may change."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    with served(path) as here:
        yield here


@pytest.fixture
def drafts_under(tmp_path):
    """The same, mounted under a path."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    store = open_store(str(path))
    server = create_server(create_app(Settings(), store), host="127.0.0.1", port=0, url_prefix="/town")
    thread = Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}/town"
    server.close()
    thread.join(WAIT_S)
    store.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver")
    for program in (CHROMIUM, DRIVER):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": "zh-CN"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(DRIVER))
    opened.set_script_timeout(WAIT_S)
    yield opened
    opened.quit()


def until(browser, script: str) -> object:
    """Wait until a script answers something true."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if found := browser.execute_script(f"return {script}"):
            return found
        time.sleep(0.2)
    raise AssertionError(f"never became true: {script}")


@pytest.fixture
def page(browser, address):
    return opened(browser, address)


def opened(browser, address: str):
    """The page of a server, drawn."""
    browser.get("about:blank")
    browser.get(f"{address}/map")
    until(browser, "document.documentElement.dataset.ready === 'yes'")
    return browser


def click_map(page, right: float, down: float):
    """Click the map, as shares of its width and height."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    canvas = page.find_element(By.CSS_SELECTOR, "#map canvas")
    x, y = (right - 0.5) * canvas.size["width"], (down - 0.5) * canvas.size["height"]
    ActionChains(page).move_to_element_with_offset(canvas, int(x), int(y)).click().perform()


def click(page, selector: str):
    from selenium.webdriver.common.by import By

    page.find_element(By.CSS_SELECTOR, selector).click()


def test_page_draws_and_asks_nobody_else(page, address):
    """The page draws many colors, logs no error and sends no request to any other host."""
    from PIL import Image

    picture = np.asarray(Image.open(io.BytesIO(page.get_screenshot_as_png())).convert("RGB"))
    right_half = picture[:, picture.shape[1] // 2 :].reshape(-1, 3)
    _, count = np.unique(right_half // 16, axis=0, return_counts=True)
    assert (count > 800).sum() >= 8, "the map is blank"
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    asked = set()
    for entry in page.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.add(message["params"]["request"]["url"])
    outside = {url for url in asked if url.startswith(("http", "ws", "ftp")) and not url.startswith(address)}
    assert asked and not outside


def test_click_shows_the_grid(page):
    """A click on the map shows the grid that lies there, with its households and its band in words."""
    click_map(page, 0.62, 0.5)
    until(page, "!document.getElementById('detail').hidden")
    assert until(page, "document.getElementById('households')?.textContent") == "400"
    told = page.execute_script("return document.getElementById('detail').innerText")
    assert "规模达标" in told and "Grid 4" in told
    assert page.execute_script("return location.hash") == "#grid=g4"


def test_click_outside_says_so(page):
    """A click beyond the boundary is answered, too."""
    click_map(page, 0.985, 0.5)
    assert until(page, "document.getElementById('detail').innerText.includes('此处不在辖区内')")


def test_language_switches(page):
    """One press turns the whole page to English and another back to Chinese; the choice is kept."""
    assert "总览" in page.execute_script("return document.body.innerText")
    click(page, "#language")
    text = page.execute_script("return document.body.innerText")
    assert "Overview" in text and "总览" not in text
    page.refresh()
    until(page, "document.body.innerText.includes('Overview')")
    click(page, "#language")
    assert "总览" in page.execute_script("return document.body.innerText")


def test_search_by_keyboard(page):
    """A grid is found by typing, chosen by arrow and Enter, and closed by Escape: no mouse needed."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    box = page.find_element(By.ID, "find")
    box.send_keys("Grid 7", Keys.ARROW_DOWN, Keys.ENTER)
    until(page, "location.hash === '#grid=g7'")
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    assert until(page, "document.getElementById('detail').hidden")


def test_layers_switch(page):
    """Units appear when their layer is switched on, with their number beside the switch."""
    click(page, "#layer-emergency_units")
    count = "document.querySelector('label[for=layer-emergency_units] .count').textContent"
    assert until(page, count) == "2"


def plot(right: int, up: int) -> tuple[float, float]:
    """Where a block lies on the map, in blocks from the middle of the town: 1 is the first, -1 its mirror."""
    blocks = [(count - 0.5 if count > 0 else count + 0.5) * 99.5 for count in (right, up)]
    return 0.617 + blocks[0] / 1280, 0.5 - blocks[1] / 659


def press(page, words: str):
    """Press the button that says so, once it can be pressed."""
    until(
        page,
        f"[...document.querySelectorAll('#detail button')].some((b) => b.textContent === '{words}' && !b.disabled)",
    )
    page.execute_script(
        "[...document.querySelectorAll('#detail button')].find((b) => b.textContent === arguments[0]).click()", words
    )


PICKING = "document.body.dataset.editor === 'ready' && document.getElementById('edited')?.textContent === '400'"


def begin(page):
    """Turn the open grid into the one to change, and wait until its plots can be picked."""
    press(page, "改网格")
    until(page, PICKING)


def plans(address: str) -> list[dict]:
    with urlopen(f"{address}/plans?f=json") as answer:
        return json.load(answer)["plans"]


def test_a_grid_is_changed_and_published(browser, drafts):
    """Plots picked on the map move to a grid: proven, kept as a draft, undone, done again, published."""
    page = opened(browser, drafts)
    click_map(page, *plot(-1, 1))
    begin(page)
    click_map(page, *plot(-2, 1))
    assert until(page, "document.getElementById('edited').textContent === '500'")
    assert "400 → 300 (−100)" in page.execute_script("return document.getElementById('detail').innerText")
    moved = "document.getElementById('detail').innerText.includes('移动 100 户')"
    press(page, "划入本网格")
    until(page, moved)
    assert [(plan["version"], plan["published"]) for plan in plans(drafts)] == [(1, True), (2, False)]
    press(page, "撤销上一步")
    until(page, f"!{moved}")
    until(page, PICKING)
    click_map(page, *plot(-2, 1))
    press(page, "划入本网格")
    until(page, moved)
    press(page, "发布")
    until(page, "!document.body.classList.contains('editing')")
    assert [plan["published"] for plan in plans(drafts)] == [False, False, False, True]
    with urlopen(f"{drafts}/collections/grids/items/g4") as answer:
        assert json.load(answer)["properties"]["households"] == 500


def test_a_change_that_would_tear_a_grid_is_refused(browser, drafts):
    """What breaks a rule is told in words and keeps no version; Escape leaves the published plan as it was."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    page = opened(browser, drafts)
    click_map(page, *plot(-1, 1))
    begin(page)
    click_map(page, *plot(-3, 3))
    press(page, "划入本网格")
    assert "不连通" in str(until(page, "document.querySelector('#detail .state.bad[role=alert]')?.textContent"))
    assert len(plans(drafts)) == 1
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    assert until(page, "!document.body.classList.contains('editing')")
    page.get_log("browser")  # the refusal stands there, as it should


def test_the_page_works_under_a_prefix(browser, drafts_under):
    """Mounted under a path, the page draws its tiles, opens a grid and changes it, and asks for nothing outside."""
    page = opened(browser, drafts_under)
    click_map(page, *plot(-1, 1))
    begin(page)
    click_map(page, *plot(-2, 1))
    press(page, "划入本网格")
    until(page, "document.getElementById('detail').innerText.includes('移动 100 户')")
    assert len(plans(drafts_under)) == 2
    asked = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert any("/tiles/" in name for name in asked)
    assert {name for name in asked if name.startswith("http") and not name.startswith(f"{drafts_under}/")} == set()


def test_a_grid_that_is_gone_is_told(page, address):
    """An old address of a grid that is no more says so."""
    page.get("about:blank")
    page.get(f"{address}/map#grid=NOPE")
    assert until(page, "document.getElementById('notice').textContent.includes('NOPE')")


def test_proof_is_shown(page):
    """The header says that the cover is proven, from the service's own check."""
    assert until(page, "document.getElementById('proof-text').textContent").startswith("全覆盖已证明")


def test_every_control_has_a_name(page):
    """Each button, input and region has a name that assistive technology can read out."""
    nameless = page.execute_script(
        "return [...document.querySelectorAll('button, input, [role]')].filter((node) =>"
        " !node.getAttribute('aria-label') && !node.textContent.trim() && !node.labels?.length &&"
        " !node.title && !node.closest('[hidden]') && node.id !== 'notice').map((node) => node.outerHTML.slice(0, 200))"
    )
    assert nameless == []


def test_picture_of_the_page_is_kept():
    """The picture in the documentation is a real picture of this page."""
    from PIL import Image

    file = Path(__file__).parents[2] / "docs" / "pictures" / "map.png"
    with Image.open(file) as picture:
        assert picture.width >= 1200
        seen = np.asarray(picture.convert("RGB").resize((64, 40))).reshape(-1, 3)
        assert len(np.unique(seen, axis=0)) > 300
