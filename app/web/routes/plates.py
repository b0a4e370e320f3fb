"""Addresses of what is shown on a wall or printed: the briefing and the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, abort, make_response, redirect, render_template, request

from app.desks.prints.briefing import build_briefing
from app.desks.prints.print_sheet import PAPERS, TABLES, build_print_sheet, parse_print_request
from app.exports.plan_table import city_name
from app.i18n import HTML_LANG, Words
from app.maps.svg_map import draw_patterns
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_words

_LONGEST_WISH = 6_000
"""Bytes of a query; everything tried at once takes some two thousand."""
_STORY_WORDS = ("previous", "next_page", "close", "print", "full", "keys")
_SHEET_WORDS = ("paper", "table", "do", "back", "legend", "figures", "hint")


def add_plate_routes(server: Flask, session: PlanSession) -> None:
    """Add `/story` and `/print`; without a dataset both lead to the page that invites to import.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plan that are served.
    """

    @server.get("/story")
    def briefing() -> Response:
        data, words = session.current_page(), reader_words()
        if data is None:
            return redirect("./", code=303)  # type: ignore[return-value]
        texts = {name: words(f"story.{name}") for name in _STORY_WORDS}
        return _page("story.html", data, words, texts, slides=build_briefing(data, words.language))

    @server.get("/print")
    def printed() -> Response:
        data, words = session.current_page(), reader_words()
        if data is None:
            return redirect("./", code=303)  # type: ignore[return-value]
        if len(request.query_string) > _LONGEST_WISH:
            abort(400)
        wish = parse_print_request(request.args)
        texts = {name: words(f"print.{name}") for name in _SHEET_WORDS}
        tables = {
            name: words(f"tabs.{name}") if name != "none" else words("print.no_table")
            for name in TABLES
            if data.bench.has_leaders_inside or name not in ("leading", "unled")
        }
        return _page(
            "sheet.html",
            data,
            words,
            texts,
            sheet=build_print_sheet(data, wish, words),
            wish=wish,
            papers=PAPERS,
            tables=tables,
        )


def _verdict(data: PageData, words: Words) -> str:
    """The verdict on the plan shown; nothing without one."""
    stated = data.bench.verdict
    return "" if stated is None else words.pick(stated.zh, stated.en)


def _page(template: str, data: PageData, words: Words, told: Mapping[str, str], **more: Any) -> Response:
    manifest = data.bench.dataset.manifest
    date = manifest.data_date
    body = render_template(
        template,
        lang=HTML_LANG[words.language],
        city=city_name(manifest),
        product=words("page.product"),
        date=words("page.data_date", date=date) if date else words("page.data_date_unknown"),
        demo=words("page.demo") if manifest.demo else "",
        notice=words("page.footer_note"),
        plan=data.bench.plan_name or words("page.no_plan"),
        verdict=_verdict(data, words),
        patterns=draw_patterns(),
        told=told,
        **more,
    )
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
