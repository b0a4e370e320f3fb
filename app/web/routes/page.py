"""Addresses of the page: map files, front-end parts, the language switch."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, abort, redirect, request, send_file

from app.i18n import LANGUAGES
from app.maps.buildings import BuildingTiles
from app.maps.layers import BrowserFile
from app.session.plan_session import PlanSession
from app.session.reader import LANGUAGE_COOKIE
from app.settings import VENDOR, YEAR_S
from app.web.components.scripts import SCRIPTS_ADDRESS, VENDOR_TYPES, vendor_address, vendor_files
from geo.errors import PlanningError

_TYPES = {".geojson": "application/geo+json", ".json": "application/json", **VENDOR_TYPES}
FOR_EVER = f"public, max-age={YEAR_S}, immutable"


def add_page_routes(server: Flask, session: PlanSession, scripts: Sequence[BrowserFile]) -> None:
    """Add the addresses. Names from the address are looked up, never joined to a path.

    Parameters
    ----------
    server
        Gets them.
    session
        What the page shows.
    scripts
        Of our own components, scripts and styles of the page.
    """
    parts = vendor_files(VENDOR)
    own = {script.name: script for script in scripts}
    packed: dict[str, bytes] = {}

    @server.get("/geo/<name>")
    def geo(name: str) -> Response:
        tiles = session.buildings()
        if isinstance(tiles, BuildingTiles) and name == tiles.name:
            return _tiles(tiles)
        later = session.lazy_file(name)
        if later:
            return _later() if later is True else gzip_response(later.packed, _TYPES[".geojson"])
        files = session.files()
        if name not in files:
            abort(404)
        try:
            packed_file = files[name].pack()
        except PlanningError:  # of data that are no longer there
            abort(404)
        return gzip_response(packed_file, _TYPES[Path(name).suffix])

    @server.get(f"/{SCRIPTS_ADDRESS}<name>")
    def component(name: str) -> Response:
        if name not in own:
            abort(404)
        return gzip_response(own[name].packed, _TYPES[Path(name).suffix])

    @server.get("/vendor/<digest>/<path:name>")
    def vendor(digest: str, name: str) -> Response:
        if name not in parts:
            abort(404)
        if name not in packed:
            packed[name] = gzip.compress(parts[name].read_bytes(), 6, mtime=0)
        cache = FOR_EVER if f"vendor/{digest}/" == vendor_address() else "no-cache"
        return gzip_response(packed[name], _TYPES[parts[name].suffix], cache)

    @server.get("/language/<language>")
    def switch_language(language: str) -> Response:
        if language not in LANGUAGES:
            abort(404)
        named = {key: value for key in ("plan", "version") if is_word(value := request.args.get(key, ""))}
        back = request.args.get("back")
        there = f"../{back}" if back in ("sign-in", "status") else "../"
        answer = redirect(f"{there}?{urlencode(named)}" if named else there, code=303)
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="Lax", httponly=True)
        return answer  # type: ignore[return-value]


def is_word(text: str) -> bool:
    """Whether a text of an address is letters and digits alone."""
    return text.isascii() and text.isalnum()


def gzip_response(body: bytes, mimetype: str, cache: str = FOR_EVER) -> Response:
    """A compressed file as it is; unpacked only for a client that cannot.

    Parameters
    ----------
    body
        Compressed by gzip.
    mimetype
        Of the content.
    cache
        How long it may be kept: for ever where it is named by its content.
    """
    accepts = "gzip" in request.accept_encodings
    answer = Response(body if accepts else gzip.decompress(body), mimetype=mimetype)
    if accepts:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = cache
    return answer


def _later() -> Response:
    """It is being made; ask again."""
    return Response(status=202, headers={"Retry-After": "2", "Cache-Control": "no-store"})


def _tiles(tiles: BuildingTiles) -> Response:
    """The tiles by byte ranges; 202 while they are being made."""
    if not tiles.is_ready:
        return _later()
    answer = send_file(tiles.path, mimetype="application/vnd.pmtiles", conditional=True)
    answer.headers["Cache-Control"] = FOR_EVER
    return answer
