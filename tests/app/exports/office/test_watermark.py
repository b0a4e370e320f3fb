"""The word across each page stands in every header, and no text changes."""

import io

import docx

from app.exports.office.word import fill_template


def test_a_watermark_is_in_every_header_and_changes_no_text(template):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "抬头"
    document.add_section()
    document.add_section().header.is_linked_to_previous = False
    path = template("")
    document.save(path)
    body = fill_template(path, {"watermark": "草案"}, {}, 100)
    sections = docx.Document(io.BytesIO(body)).sections
    drawn = [section.header._element.xml.count('string="草案"') for section in sections]
    assert drawn == [1, 1, 1]
    assert sections[0].header.paragraphs[0].text == "抬头"
    assert body == fill_template(path, {"watermark": "草案"}, {}, 100)


def test_a_template_without_headers_gets_one_for_the_watermark(template):
    body = fill_template(template("甲"), {"watermark": "DRAFT"}, {}, 100)
    assert 'string="DRAFT"' in docx.Document(io.BytesIO(body)).sections[0].header._element.xml
    body = fill_template(template("甲"), {"watermark": ""}, {}, 100)
    assert b"WaterMark" not in body
