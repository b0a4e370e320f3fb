"""Speed of editing a plan of a whole city in a real browser without a GPU, and what of it is CPU."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import sys
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from tests.e2e.desk import WAYS

ROOT = Path(__file__).resolve().parents[2]
EDITOR = "document.getElementById('editor').editor"
ROUNDS = 7
PICK = """(count, skip) => {
  const { model } = document.getElementById('editor').editor;
  const { streets, target } = model.start;
  const into = model.present()[30 + skip];
  const home = streets[model.members(into)[0]];
  const near = [...model.area.keys()].filter((i) => model.area[i] >= 0 && model.area[i] !== into && target[i] === 1)
    .sort((a, b) => Math.abs(streets[a] - home) - Math.abs(streets[b] - home)).slice(0, count);
  const editor = document.getElementById('editor').editor;
  editor.select(near, 'key');
  editor.aimAt({ k: into, anchor: -1 });
  return near.length;
}"""


WATCH = """() => {
  window.painted = [];
  const { map } = document.getElementById('editor').editor.tools.view;
  map.on('render', () => { window.last = performance.now(); });
}"""


def main() -> None:
    """Print one line for each thing that is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--pause", type=int, default=1500, help="ms between steps; 0 = none")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    place = importlib.util.spec_from_file_location("conftest", ROOT / "tests/e2e/conftest.py")
    assert place is not None
    assert place.loader is not None
    conftest = importlib.util.module_from_spec(place)
    place.loader.exec_module(conftest)
    server = conftest.serving(options.dataset.resolve(), options.plan.resolve())
    origin = next(server)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.browser)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            measure(page, origin, options.pause)
            browser.close()
    finally:
        server.close()


def measure(page: Page, origin: str, pause_ms: int) -> None:
    """Open the page, edit, and tell how long each step took."""
    begun = time.perf_counter()
    page.goto(origin)
    page.wait_for_selector(".map-box[data-ready=map]", timeout=120_000)
    say("load before", f"{os.getloadavg()[0]:.1f}")
    say("page until the map is complete, s", f"{time.perf_counter() - begun:.2f}")
    begun = time.perf_counter()
    page.locator(WAYS["edit"]).click()
    until(page, f"{EDITOR}.model && {EDITOR}.tools && {EDITOR}.table.api")
    say("edit mode, first time, s", f"{time.perf_counter() - begun:.2f}")
    until(page, f"{EDITOR}.tools.view.shapes.units.size > 0")
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    cpu = cpu_seconds()
    for round_ in range(ROUNDS):
        page.evaluate(f"([count, skip]) => ({PICK})(count, skip)", [50, round_])
        step(page, "Enter", pause_ms)
        step(page, "Control+z", pause_ms)
    spent = cpu_seconds() - cpu
    shown = durations(page, "edit shown")
    checked = durations(page, "edit checked")
    tell("assign 50 units: browser's figures and rules", shown[0::2])
    tell("assign 50 units: server's figures and rules", checked[0::2])
    tell("undo: browser", shown[1::2])
    tell("undo: server", checked[1::2])
    if pause_ms:
        tell("either: the map painted", [float(ms) for ms in page.evaluate("() => window.painted")])
    say("CPU of server and browser a step, ms", f"{1000 * spent / (2 * ROUNDS):.0f}")
    for round_ in range(ROUNDS):
        page.evaluate(
            f"""(skip) => {{ const editor = {EDITOR}; const {{ model }} = editor;
            const k = model.present()[40 + skip];
            editor.select(model.members(k).filter((i) => model.start.target[i] === 1).slice(0, 2), 'key');
            const [one] = editor.suggestions.filter((found) => found.k !== 'new');
            editor.aimAt(one || {{ k: model.present()[50 + skip], anchor: -1 }}); }}""",
            round_,
        )
        page.keyboard.press("Enter")
        until(page, f"{EDITOR}.isChecked()")
        page.keyboard.press("r")
        until(page, f"{EDITOR}.proposal")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+z")
        until(page, f"{EDITOR}.isChecked()")
    tell("repair of an edit in one street", durations(page, "repair shown"))
    for name, take in (("lasso", "l"), ("brush", "b")):
        page.keyboard.press(take)
        frames = drag(page)
        say(f"{name}: longest gap between frames, ms", f"{max(frames):.0f}")
        page.keyboard.press("Escape")
    say("load after", f"{os.getloadavg()[0]:.1f}")


def step(page: Page, key: str, pause_ms: int) -> None:
    """Press a key, wait for the server's word, and look at the map before the next."""
    page.evaluate("() => { window.begun = performance.now(); }")
    page.keyboard.press(key)
    until(page, f"{EDITOR}.isChecked()")
    if pause_ms:
        page.wait_for_timeout(pause_ms)
        page.evaluate("() => { window.painted.push(window.last - window.begun); }")


def drag(page: Page) -> list[float]:
    """Draw a wide loop and watch the frames."""
    page.evaluate(
        """() => { window.gaps = []; let last = performance.now(); window.watching = true;
        const look = (now) => { window.gaps.push(now - last); last = now;
          if (window.watching) requestAnimationFrame(look); };
        requestAnimationFrame(look); }"""
    )
    page.mouse.move(500, 250)
    page.mouse.down()
    for place in ((850, 250), (850, 450), (500, 450)):
        page.mouse.move(*place, steps=12)
    page.mouse.up()
    return list(page.evaluate("() => { window.watching = false; return window.gaps.slice(1); }"))


def durations(page: Page, name: str) -> list[float]:
    """Milliseconds of each measure of a name, in order; they are cleared."""
    found = page.evaluate(
        f"(() => {{ const all = performance.getEntriesByName({json.dumps(name)}).map((m) => m.duration);"
        f" performance.clearMeasures({json.dumps(name)}); return all; }})()"
    )
    return [float(ms) for ms in found]


def cpu_seconds() -> float:
    """CPU seconds so far of every process this one started."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def until(page: Page, what: str) -> None:
    """Wait until an expression is true."""
    for _ in range(6000):
        if page.evaluate(f"Boolean({what})"):
            return
        page.wait_for_timeout(10)
    sys.exit(f"{what} did not come true")


def tell(what: str, ms: list[float]) -> None:
    """Median and worst of some durations."""
    say(f"{what}, ms", f"median {statistics.median(ms):.0f}, worst {max(ms):.0f}")


def say(what: str, value: str) -> None:
    """A line of a table."""
    sys.stdout.write(f"| {what} | {value} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
