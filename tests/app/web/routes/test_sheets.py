"""Sheets of single buildings say what they leave out."""

from app.i18n import load_words

ZH = load_words("zh")


def test_the_sheets_of_single_buildings_say_what_they_leave_out(client):
    body = client.get("/print/single-buildings?stage=operating&agrees=no").get_data(as_text=True)
    assert "只列: 阶段 已进驻 · 意愿 不同意" in body
    assert ZH("sheet.nothing") in body
    assert "只列" not in client.get("/print/single-buildings").get_data(as_text=True)
    assert client.get("/print/single-buildings?stage=moon").status_code == 404
