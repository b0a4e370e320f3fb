"""Word documents from templates that a bureau may edit itself; the same content gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from app.exports.office.watermark import add_watermark
from app.i18n import say
from geo.errors import UsageError

TEMPLATES = Path(__file__).with_name("templates")
"""The neutral templates that ship, `<kind>_<language>.docx`."""
MOST_BYTES = 200 * 1024 * 1024
"""Of a template, unpacked."""
_SAME_TIME = (1980, 1, 1, 0, 0, 0)


def find_template(kind: str, language: str) -> Path:
    """The neutral template of a kind of document.

    Parameters
    ----------
    kind
        "proposal", "special", "consultation", "company".
    language
        "zh" or "en".
    """
    return TEMPLATES / f"{kind}_{language}.docx"


def fill_template(template: Path, context: Mapping[str, Any], pictures: Mapping[str, bytes], width_mm: float) -> bytes:
    """A template filled with texts and pictures, as the bytes of a document.

    Parameters
    ----------
    template
        A document with places as docxtpl reads them: {{ name }}, {%p if … %}, {%tr for … %}.
    context
        What the places hold. Texts stay texts, whatever stands in them. "watermark" is drawn across every page.
    pictures
        PNG by name; `picture(name)` in the template puts one there.
    width_mm
        Of each picture.

    Raises
    ------
    UsageError
        If the template is no Word document, is too large, or asks for what there is not.
    """
    document = _open(template)
    if context.get("watermark"):
        add_watermark(document.get_docx(), str(context["watermark"]))

    def picture(name: str) -> InlineImage | str:
        body = pictures.get(name)
        return InlineImage(document, io.BytesIO(body), width=Mm(width_mm)) if body else ""

    try:
        document.render({**context, "picture": picture}, SandboxedEnvironment(autoescape=True))
    except (TemplateError, SyntaxError, ValueError, TypeError, KeyError) as error:
        raise UsageError(*say("office.template_broken", name=template.name, error=error)) from error
    out = io.BytesIO()
    document.save(out)
    return _with_same_dates(out.getvalue())


def _open(template: Path) -> DocxTemplate:
    fault = UsageError(*say("office.no_template", name=template.name))
    try:
        with zipfile.ZipFile(template) as archive:
            entries = archive.infolist()
    except (OSError, zipfile.BadZipFile) as error:
        raise fault from error
    if sum(entry.file_size for entry in entries) > MOST_BYTES or "word/document.xml" not in {
        e.filename for e in entries
    }:
        raise fault
    return DocxTemplate(str(template))


def _with_same_dates(body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            copy = zipfile.ZipInfo(entry.filename, _SAME_TIME)
            copy.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(copy, source.read(entry))
    return out.getvalue()
