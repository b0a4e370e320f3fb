"""Addresses of the base map's tiles, where a local file of them is set."""

from __future__ import annotations

from flask import Flask, Response, abort, send_file

from app.workbench.base_map import BaseMap, read_tile

_KEPT = "private, max-age=86400"


def add_base_map_routes(server: Flask, base: BaseMap | None) -> None:
    """Add the addresses; none without a local file.

    Parameters
    ----------
    server
        Gets them.
    base
        The base map of the server.
    """
    if base is None or base.path is None:
        return
    path = base.path.resolve()

    @server.get("/base/<int:zoom>/<int:column>/<int:row>")
    def base_tile(zoom: int, column: int, row: int) -> Response:
        tile = read_tile(base, zoom, column, row)
        if tile is None:
            abort(404)
        return Response(tile, mimetype=base.mimetype, headers={"Cache-Control": _KEPT})

    @server.get("/base/tiles.pmtiles")
    def base_tiles() -> Response:
        if path.suffix.lower() != ".pmtiles":
            abort(404)
        return send_file(path, mimetype="application/vnd.pmtiles", conditional=True)
