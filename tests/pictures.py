"""Pictures of the documentation, taken from the workbench of today: `python -m tests.pictures http://127.0.0.1:8050`.

The workbench must show the small fictional city (`make run`). Pictures go to docs/images, in few colours to stay small.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
PRESSED = {
    "workbench": (),
    "import": ("导入",),
    "correct": ("改正数据",),
    "plan": ("规划", "做一个新方案"),
    "adjust": ("调整",),
    "report": ("上报",),
}
"""Each picture, and what is pressed for it."""
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--use-gl=swiftshader", "--enable-unsafe-swiftshader"]


def take_pictures(address: str) -> None:
    """Press one thing after the other, and keep what the page shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        for name, texts in PRESSED.items():
            page.goto(address)
            page.wait_for_selector("canvas")
            page.wait_for_load_state("networkidle")
            for text in texts:
                page.get_by_text(text, exact=True).first.click()
                page.wait_for_load_state("networkidle")
            _keep(page, name)
        browser.close()


def _keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)  # the map draws itself after everything has come
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(96, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    take_pictures(sys.argv[1])
