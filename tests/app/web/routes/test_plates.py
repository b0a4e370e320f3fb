"""Addresses of the briefing and the sheet are whole pages without foreign addresses."""

import re
from html.parser import HTMLParser

import pytest

from app.i18n import load_words

ZH = load_words("zh")


VOID = {"meta", "link", "input", "br", "hr"}


class Balanced(HTMLParser):
    """Tags are closed in the order in which they were opened."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "address",
    [
        "/story",
        "/print",
        "/print?theme=ebike_ports&level=street&table=left_over",
        "/print?theme=<script>&bounds=1,2,x,nan&paper=A0&table=../etc",
    ],
)
def test_both_are_whole_pages_without_foreign_addresses(client, address):
    answer = client.get(address)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200
    parser = Balanced()
    parser.feed(body)
    assert parser.open == []
    assert "<script>" not in body
    assert not re.search(r'(?:src|href)="(?:https?:)?//', body)
    assert "演示数据" in body
    assert ZH("page.footer_note") in body


def test_too_long_an_address_is_refused(client):
    assert client.get("/print?theme=" + "x" * 7_000).status_code == 400


def test_a_sheet_says_that_the_base_map_is_not_on_it(client, monkeypatch):
    assert ZH("base_map.not_printed") not in client.get("/print").text
    monkeypatch.setenv("PIANQU_BASEMAP", "tianditu")
    assert ZH("base_map.not_printed") in client.get("/print").text
