"""A word across every page of a Word document, as Word itself draws one: a text path in the headers."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.section import _BaseHeaderFooter

_WIDTH_PT, _HEIGHT_PT = 360, 150
_DRAWING = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:w10="urn:schemas-microsoft-com:office:word"'
)
_SHAPE = """<w:r {namespaces}><w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/>
<v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800"
 o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/><o:lock v:ext="edit" text="t" shapetype="t"/>
</v:shapetype>
<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s{spid}" type="#_x0000_t136" o:allowincell="f"
 style="position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:{height}pt;rotation:315;z-index:-251658752;\
mso-position-horizontal:center;mso-position-horizontal-relative:margin;\
mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#c0504d" stroked="f">
<v:fill opacity=".2"/><v:textpath style="font-family:&quot;SimHei&quot;;font-size:1pt" string={text}/>
<w10:wrap anchorx="margin" anchory="margin"/></v:shape></w:pict></w:r>"""


def add_watermark(document: Document, text: str) -> None:
    """Draw a word across every page, below what is written there; headers stay as they are.

    Parameters
    ----------
    document
        Changed in place.
    text
        A word or two.
    """
    headers: dict[object, _BaseHeaderFooter] = {}
    for section in document.sections:
        own: list[_BaseHeaderFooter] = [section.header]
        own += [section.first_page_header] if section.different_first_page_header_footer else []
        own += [section.even_page_header] if document.settings.odd_and_even_pages_header_footer else []
        for header in own:
            if not (header.is_linked_to_previous and headers):
                headers.setdefault(header.part, header)
    for number, header in enumerate(headers.values(), 1):
        values = {"number": number, "spid": 2048 + number, "width": _WIDTH_PT, "height": _HEIGHT_PT}
        namespaces = f"{nsdecls('w')} {_DRAWING}"
        shape = _SHAPE.format(namespaces=namespaces, text=quoteattr(text), **values)
        header.paragraphs[0]._p.append(parse_xml(shape)) if header.paragraphs else None
