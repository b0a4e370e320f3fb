"""Addresses of what is shown on a wall or printed: the briefing and the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from flask import Flask, Response, abort, make_response, redirect, render_template, request

from app.desks.prints.briefing import build_briefing
from app.desks.prints.imprint import make_imprint
from app.desks.prints.print_sheet import PAPERS, TABLES, build_print_sheet, parse_print_request
from app.desks.prints.title_block import make_title_block
from app.drawings.frames import EDGE_MM
from app.drawings.patterns import draw_patterns
from app.exports.plan_table import city_name
from app.i18n import HTML_LANG, Words
from app.session.address import version_address, version_query
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.workbench.base_map import tell_not_printed
from geo.errors import PlanningError

_LONGEST_WISH = 6_000
"""Bytes of a query; everything tried at once takes some two thousand."""
_STORY_WORDS = ("previous", "next_page", "close", "print", "full", "keys")
_SHEET_WORDS = ("paper", "table", "do", "back", "legend", "figures", "hint", "rules", "unsaved", "map_title", "version")


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
        data, words = _requested(session), reader_words()
        if data is None:
            return redirect("./", code=303)  # type: ignore[return-value]
        texts = {name: words(f"story.{name}") for name in _STORY_WORDS}
        return _page("story.html", data, words, texts, slides=build_briefing(data, words.language))

    @server.get("/print")
    def printed() -> Response:
        data, words = _requested(session), reader_words()
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
            block=make_title_block(data.bench.dataset.manifest, words, request.args),
            edge=EDGE_MM,
        )


def _requested(session: PlanSession) -> PageData | None:
    """The version the address names; never another one in its place."""
    try:
        return session.open_requested(request.args)
    except PlanningError as error:
        abort(refuse_address(error, 404))


def refuse_address(error: PlanningError, status: int) -> Response:
    """What went wrong, as a page of one sentence.

    Parameters
    ----------
    error
        Its sentence, in both languages.
    status
        Of HTTP.
    """
    sentence = escape(reader_words().pick(error.zh, error.en))
    return Response(f"<!DOCTYPE html><meta charset='utf-8'><p>{sentence}</p>", status=status)


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
        notice=" ".join(filter(None, (tell_not_printed(words), words("page.footer_note")))),
        imprint=make_imprint(data, words),
        shown=version_query(data.bench.version),
        back=version_address(data.bench.version),
        patterns=draw_patterns(),
        told=told,
        **more,
    )
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
