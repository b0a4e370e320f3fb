"""The line on top: the other language, the way of working, what may not be written."""

import datetime

from app.desks.plans.menu import NO_PLANS
from app.i18n import load_words
from app.store.records import Version
from app.web.layout import ids
from app.web.layout.shell.header import MODES, export_parts, header, language_address, page_class, read_only_badge
from app.workbench.rights import ALL_RIGHTS
from tests.app.drawn import each_part

WHEN = datetime.datetime(2026, 6, 30, 4, 5, tzinfo=datetime.UTC)
ZH, EN = load_words("zh"), load_words("en")


def test_the_other_language_keeps_the_version():
    assert language_address(None, ZH) == "language/en"
    version = Version("v1", "p", "甲", 2, None, "d" * 64, "c" * 64, "李", "", (), WHEN, {})
    assert language_address(version, EN) == "language/zh?plan=p&version=2"


def test_the_page_begins_with_the_first_way_of_working():
    assert page_class() == f"page mode-{MODES[0]} step-plan"


def test_before_there_are_data_there_is_no_way_of_working():
    """The callback of the ways of working needs the open step too, which an empty page has not."""
    parts = each_part(header(None, NO_PLANS, ZH))
    assert ids.MODE not in [getattr(part, "id", None) for part in parts]


def test_every_export_is_a_link_to_the_page_shown():
    links = [part.href for part in each_part(export_parts("p1", ZH)) if getattr(part, "href", None)]
    assert links
    assert all(link.endswith("?page=p1") for link in links)


def test_where_everything_may_be_written_there_is_no_badge():
    assert read_only_badge(ALL_RIGHTS, ZH) == []
