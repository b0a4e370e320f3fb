"""Templates are filled with whatever stands in the data, and those that ship are the ones that are drawn."""

import io
import zipfile

import docx
import pytest

from app.exports.office.word import fill_template, find_template
from geo.errors import UsageError
from tests.app.exports.office.conftest import HOSTILE
from tests.office_templates import draw_all


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_stay_texts(template, name):
    body = fill_template(template("{{ name }}"), {"name": name}, {}, 100)
    assert docx.Document(io.BytesIO(body)).paragraphs[0].text == name


def test_filling_twice_gives_the_same_bytes(template):
    path = template("{{ name }}")
    assert fill_template(path, {"name": "甲"}, {}, 9) == fill_template(path, {"name": "甲"}, {}, 9)


@pytest.mark.parametrize("text", ["{{ a.b.c }}", "{% for %}", "{{ ''.__class__.__mro__[1].__subclasses__() }}"])
def test_a_template_that_asks_for_what_there_is_not_is_refused_kindly(template, text):
    with pytest.raises(UsageError, match="模板"):
        fill_template(template(text), {}, {}, 100)


def test_what_is_no_word_document_is_refused(tmp_path):
    path = tmp_path / "own.docx"
    path.write_bytes(b"no zip")
    with pytest.raises(UsageError, match="docx"):
        fill_template(path, {}, {}, 100)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("else.xml", "<x/>")
    with pytest.raises(UsageError, match="docx"):
        fill_template(path, {}, {}, 100)
    with pytest.raises(UsageError):
        fill_template(tmp_path / "none.docx", {}, {}, 100)


def test_the_templates_that_ship_are_the_ones_that_are_drawn():
    """Otherwise: python -m tests.office_templates."""
    for path, body in draw_all():
        with zipfile.ZipFile(path) as kept, zipfile.ZipFile(io.BytesIO(body)) as drawn:
            assert kept.read("word/document.xml") == drawn.read("word/document.xml"), path.name


def test_margins_and_fonts_are_those_of_official_documents():
    document = docx.Document(find_template("proposal", "zh"))
    section = document.sections[0]
    assert [round(length.mm) for length in (section.top_margin, section.left_margin, section.page_width)] == [
        37,
        28,
        210,
    ]
    used = "//w:rFonts/@w:eastAsia"
    fonts = {*document.element.xpath(used), *document.styles.element.xpath(used)}
    assert {"仿宋_GB2312", "黑体", "方正小标宋简体"} <= fonts
