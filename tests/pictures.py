"""Pictures of the documentation, taken from the workbench of today: `python -m tests.pictures http://127.0.0.1:8050`.

The workbench must show the small fictional city (`make run`). Pictures go to docs/images, in few colours to stay small.
Each carries the digest of this script and of what the page is made of: a test notices a page without its picture.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, expect, sync_playwright

from app.i18n import load_words

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
LAYOUT, ASSETS = "app/web/layout", "app/assets"
SHELL = (
    f"{LAYOUT}/shell/header.py",
    f"{LAYOUT}/shell/sidebar.py",
    f"{LAYOUT}/shell/map_panel.py",
    f"{ASSETS}/page.css",
)
"""What every picture shows."""
OWN = {
    "import": (f"{LAYOUT}/imports/*.py", f"{ASSETS}/wizard.css"),
    "correct": (f"{LAYOUT}/corrections/*.py", f"{ASSETS}/correcting.css"),
    "plan": (f"{LAYOUT}/plans/form.py", f"{ASSETS}/planning.css"),
    "adjust": (f"{LAYOUT}/plans/editor.py", f"{ASSETS}/editing.css"),
    "explore": (f"{ASSETS}/finding.css",),
    "figures": (f"{LAYOUT}/figures/cards.py",),
}
"""What a picture shows besides, by its name."""
WORDS = ("steps.", "theme.")
"""Beginnings of the words that stand on the page in any case."""
MARK = "Source"
"""Name of the text in a picture that holds the digest."""
PRESSED = {
    "import": ("导入",),
    "correct": ("改正数据",),
    "plan": ("做一个新方案",),
    "adjust": ("调整",),
    "report": ("上报",),
    "explore": ("筛选",),
    "figures": ("专业化物业管理覆盖",),
    "single-buildings": ("无专业物业管理的单体楼",),
    "workbench": (),
}
"""Each picture, and what is pressed for it; the last is taken when the plan has been checked."""
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--use-gl=swiftshader", "--enable-unsafe-swiftshader"]


def digest_page(name: str) -> str:
    """What a picture carries of the page it shows and of this script."""
    whole = hashlib.sha256(Path(__file__).read_bytes())
    for pattern in (*SHELL, *OWN.get(name, ())):
        for path in sorted(ROOT.glob(pattern)):
            whole.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    texts = load_words("zh").texts.items()
    whole.update("\n".join(f"{key} {text}" for key, text in texts if key.startswith(WORDS)).encode())
    return whole.hexdigest()[:16]


def read_mark(name: str) -> str:
    """The digest that a picture carries; "" where it has none."""
    with Image.open(IMAGES / f"{name}.png") as picture:
        return str(picture.info.get(MARK, ""))


def take_pictures(address: str) -> None:
    """Press one thing after the other, and keep what the page shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for name, texts in PRESSED.items():  # each in a browser that remembers nothing of the one before
            page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
            page.goto(address)
            page.wait_for_selector("canvas")
            page.wait_for_load_state("networkidle")
            for text in texts:
                page.get_by_text(text, exact=True).first.click()
                page.wait_for_load_state("networkidle")
            _keep(page, name)
            page.context.close()
        browser.close()


def _keep(page: Page, name: str) -> None:
    checking = page.get_by_text(load_words("zh").texts["plan.verifying"], exact=True).filter(visible=True)
    expect(checking).to_have_count(0, timeout=120_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(5000)  # the map draws itself, and columns take their places, after everything has come
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    told = PngInfo()
    told.add_text(MARK, digest_page(name))
    picture.quantize(96, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True, pnginfo=told)


if __name__ == "__main__":
    take_pictures(sys.argv[1])
