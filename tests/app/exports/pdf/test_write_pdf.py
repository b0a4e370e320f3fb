"""Plates as a PDF: true scale, embedded fonts, names that are text and nothing else."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date

import pytest
from markupsafe import Markup
from PIL import Image

from app.drawings.frames import PAPERS, UNITS_A_MM
from app.exports.pdf.plates import Plate
from app.exports.pdf.write_pdf import find_font, lay_out, make_pdf, tell_layout, write_pdf
from app.exports.request import ExportRequest

DAY = date(2026, 7, 1)
PAPER = PAPERS["A4"]


@pytest.fixture(scope="module")
def font():
    return find_font()


def plate(svg="", title="图", denominator=10_000, **more):
    width, height = (side * UNITS_A_MM for side in PAPER.map_mm)
    drawn = f'<svg class="plate-map" viewBox="0 0 {width:g} {height:g}" font-family="inherit">{svg}</svg>'
    return Plate(title, "", Markup(drawn), denominator, (), **more)


def test_a_kilometre_on_the_plate_is_as_long_as_the_scale_says(request_, font):
    metres, denominator = 1_000, 10_000
    units = metres * 1_000 / denominator * UNITS_A_MM
    bar = f'<rect x="100" y="300" width="{units:g}" height="40" fill="#ff0000"/>'
    page = lay_out(tell_layout(request_, (plate(bar),), PAPER, font, DAY), dots_an_inch=254)
    image = Image.open(io.BytesIO(page)).convert("RGB")
    assert image.width == pytest.approx(PAPER.width_mm * 10, abs=2)
    red = [x for x in range(image.width) for y in (image.height // 2,) if image.getpixel((x, y))[0] > 200]
    rows = [y for y in range(image.height) if image.getpixel((500, y)) == (255, 0, 0)]
    row = [x for x in range(image.width) if image.getpixel((x, rows[0] + 5)) == (255, 0, 0)]
    assert red is not None
    assert (row[-1] - row[0] + 1) / 10 == pytest.approx(metres * 1_000 / denominator, abs=0.2)


def test_the_same_plates_on_the_same_day_are_the_same_bytes_and_vectors(request_, font):
    plates = (plate('<text x="9" y="20">片区</text>'), plate())
    one, other = (make_pdf(request_, plates, PAPER, font, DAY) for _ in range(2))
    assert one == other
    assert one.startswith(b"%PDF-")
    assert b"/Subtype/Image" not in one.replace(b" ", b"")


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts (poppler) is not installed")
def test_every_font_is_embedded(request_, font, tmp_path):
    path = tmp_path / "p.pdf"
    path.write_bytes(make_pdf(request_, (plate('<text x="9" y="20">片区</text>'),), PAPER, font, DAY))
    rows = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert rows
    assert all(re.search(r"\byes\s+yes\s+yes\b", row) for row in rows)


def test_a_name_is_text_whatever_it_looks_like(request_, font):
    odd = '#panic("x") *a* $b$ <c> "d" \\ 😀'
    assert make_pdf(request_, (plate(title=odd, head=("#",) * 6, rows=((odd,) * 6,)),), PAPER, font, DAY)


def test_a_plan_that_breaks_rules_is_a_draft(request_, font):
    told = tell_layout(request_, (plate(),), PAPER, font, DAY)
    assert (told["draft"] != "") is request_.is_draft
    failed = replace(request_, found=replace(request_.found, verdict=replace(request_.found.verdict, is_met=False)))
    assert tell_layout(failed, (plate(),), PAPER, font, DAY)["draft"] == "草案"


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm (poppler) is not installed")
def test_the_draft_mark_lies_over_the_map(request_, font, tmp_path, monkeypatch):
    """A map fills its frame: what lay below it nobody would see."""
    middles = []
    for is_draft in (False, True):
        monkeypatch.setattr(ExportRequest, "is_draft", property(lambda _, value=is_draft: value))
        path = tmp_path / f"{is_draft}.pdf"
        path.write_bytes(
            make_pdf(request_, (plate('<rect width="9999" height="9999" fill="#ffffff"/>'),), PAPER, font, DAY)
        )
        subprocess.run(["pdftoppm", "-r", "12", "-singlefile", path, path.with_suffix("")], check=True)
        pixels = path.with_suffix(".ppm").read_bytes()
        middles.append(pixels[len(pixels) // 3 : 2 * len(pixels) // 3])
    assert middles[0] != middles[1]


@pytest.mark.parametrize("is_draft", [False, True])
def test_the_name_of_the_file_says_draft_and_invented_data(request_, tmp_path, monkeypatch, is_draft):
    monkeypatch.setattr(ExportRequest, "is_draft", property(lambda _: is_draft))
    monkeypatch.setattr("app.exports.pdf.write_pdf.list_plates", lambda *_: iter([plate()]))
    (path,) = write_pdf(request_, request_.parts("city")[0], tmp_path)
    assert ("草案" in path.name) is is_draft
    assert ("演示数据" in path.name) is request_.dataset.manifest.demo
