"""How quick the page is in a real browser with software WebGL: first picture, themes, cards, memory.

``python -m tests.bench.workbench_map DATASET PLAN.json [--rounds 3]``

Starts a server of its own, opens the page in Chromium with the network closed, and prints a table. Wall
time depends on what else the machine does: its load, and the CPU seconds of the browser, stand beside.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
IDLE = """() => new Promise((done) => {
    const { map } = document.querySelector(".map-box").mapView;
    map.once("idle", () => done(performance.now()));
    map.triggerRepaint();
})"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--data", args.dataset, "--plan", args.plan, "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address)
        with sync_playwright() as playwright:
            path = os.environ.get("PIANQU_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            rows = [row for _ in range(args.rounds) for row in visits(browser, address)]
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)
    sys.stdout.write(f"{args.dataset.name}: {args.rounds} rounds, {os.cpu_count()} cores\n")
    for key in dict.fromkeys(key for row in rows for key in row):
        values = [row[key] for row in rows if key in row]
        sys.stdout.write(f"{key:<44} {statistics.median(values):>9.2f}   {min(values):.2f}–{max(values):.2f}\n")


def wait_for(address: str) -> None:
    """Until the server answers."""
    for _ in range(1800):
        try:
            urllib.request.urlopen(f"{address}/_favicon.ico", timeout=2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start within three minutes")


def visits(browser: Browser, address: str) -> list[dict[str, float]]:
    """A first visit, and a second that has the files of the first: seconds, megabytes and load."""
    desk = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    first = measure(desk.new_page(), address, "first visit")
    second = measure(desk.new_page(), address, "second visit")
    desk.close()
    return [first, second]


def measure(page: Page, address: str, visit: str) -> dict[str, float]:
    """One visit: figures in seconds, megabytes and load."""
    before = cpu_s()
    page.goto(address)
    page.wait_for_selector(".map-box[data-ready=map]", timeout=120_000)
    spent = sum(seconds - before.get(pid, 0.0) for pid, seconds in cpu_s().items())
    arrived = page.evaluate(
        """(() => {
            const first = performance.getEntriesByType("navigation")[0].responseStart;
            const end = (name) => {
                const [{ startTime, duration }] = performance.getEntriesByName(name);
                return (startTime + duration - first) / 1000;
            };
            const started = (performance.getEntriesByName("map ready")[0].startTime - first) / 1000;
            const asked = performance.getEntriesByType("resource");
            return {
                "map begun": started, "map complete": end("map painted"), "page takes clicks": end("map ready"),
                "asked for, files": asked.length,
                "sent, kB": asked.reduce((sum, one) => sum + one.transferSize, 0) / 1000,
            };
        })()"""
    )
    page.wait_for_timeout(3000)
    switches = [switch(page, key) for key in "2345"]
    page.evaluate(
        "document.querySelector('.map-box').mapView.map.jumpTo({ zoom: 13 }); 0"
    )  # from afar a click opens a street
    page.evaluate(IDLE)
    first, *cards = [card(page, number) for number in range(5)]
    row = {
        **{f"{visit}: {what}": value for what, value in arrived.items()},
        f"{visit}: CPU of the browser until then, s": spent,
        "theme switched and drawn, s": statistics.median(switches),
        "first click to card of reasons, s": first,
        "further clicks to card of reasons, s": statistics.median(cards),
        "memory of the renderer (PSS), MB": renderer_mb(),
        "load of the machine": os.getloadavg()[0],
    }
    page.close()
    return row


def switch(page: Page, key: str) -> float:
    """Seconds from a key to the map at rest in the other theme, timed in the browser."""
    began = page.evaluate("performance.now()")
    page.keyboard.press(key)
    return (page.evaluate(IDLE) - began) / 1000


def card(page: Page, number: int) -> float:
    """Seconds from a click on a unit to the card that explains it."""
    x, y = page.evaluate(
        """async (number) => {
            const { map } = document.querySelector(".map-box").mapView;
            const { features } = await map.getSource("units").getData();
            const box = map.getCanvas().getBoundingClientRect();
            const big = features.filter((one) => one.properties.area !== null && !one.properties.single);
            const middle = ({ geometry }) => {
                const ring = geometry.coordinates[0].flat(Infinity);
                const mean = (k) => ring.filter((_, i) => i % 2 === k).reduce((a, b) => a + b, 0) / (ring.length / 2);
                return map.project([mean(0), mean(1)]);
            };
            const onPage = ({ x, y }) => [box.left + x, box.top + y];
            const hit = (one) => document.elementFromPoint(...onPage(middle(one))) === map.getCanvas()
                && map.queryRenderedFeatures(middle(one)).some((f) => f.source === "units" && f.id === one.id);
            return onPage(middle(big.slice((number + 1) * 7).find(hit)));
        }""",
        number,
    )
    page.evaluate(
        """() => {
            const target = document.getElementById("explanation");
            window.cardTold = new Promise((done) => {
                window.setTimeout(() => done(NaN), 20000); // a click beside every unit has no card
                const watch = new MutationObserver(() => {
                    if (!target.textContent) return;
                    watch.disconnect();
                    done(performance.now());
                });
                watch.observe(target, { childList: true, subtree: true, characterData: true });
            });
            const clicked = () => { window.clickedAt = performance.now(); };
            document.addEventListener("mousedown", clicked, { once: true, capture: true });
        }"""
    )
    page.mouse.click(x, y)
    return float(page.evaluate("window.cardTold.then((at) => at - window.clickedAt)")) / 1000


def own_processes() -> list[psutil.Process]:
    """The processes of the browser this one started."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "chrom" in child.name()]


def cpu_s() -> dict[int, float]:
    """CPU seconds so far of each process of the browser."""
    return {process.pid: sum(process.cpu_times()[:2]) for process in own_processes()}


def renderer_mb() -> float:
    """The largest renderer, megabytes; proportional share of what processes share."""
    sizes = [p.memory_full_info().pss for p in own_processes() if "--type=renderer" in p.cmdline()]
    return max(sizes) / 1e6


if __name__ == "__main__":
    main()
