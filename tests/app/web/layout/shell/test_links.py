"""The ways out of the page: each file and sheet is a link."""

from app.desks.plans.downloads import DOWNLOADS
from app.i18n import load_words
from app.web.layout.shell.links import SHEETS, export_links, link_list, sheet_links

ZH = load_words("zh")


def test_every_file_and_sheet_is_a_link():
    assert [link.href for link in export_links("p1", ZH)] == [f"export/{kind}?page=p1" for kind in DOWNLOADS]
    assert [link.href for link in sheet_links(None, ZH)] == [address for address, _ in SHEETS]


def test_links_stand_in_a_list():
    assert len(link_list(sheet_links(None, ZH)).children) == len(SHEETS)
