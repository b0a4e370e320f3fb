"""Addresses for other programs: plans, their areas and units after OGC API – Features and Tiles; only read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from app.desks.publishing.features import (
    DEFAULT_LIMIT,
    LAYERS,
    MOST_LIMIT,
    FeatureLayer,
    LayerName,
    make_feature_layer,
    read_box,
    read_count,
)
from app.desks.publishing.tiles import LEAST_ZOOM, MOST_ZOOM, encode_tile, make_tile_layer
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.store.records import StoredPlan, Version
from app.web.routes.kept_reads import KeptReads
from app.workbench.workbench import Workbench
from geo.errors import PlanningError

ROOT = "/api/v1"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
TILE_MATRIX_SET = "WebMercatorQuad"
_CONFORMS = [
    *(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "geojson", "oas30")),
    *(f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{part}" for part in ("core", "tileset", "mvt")),
]
_MATRIX_SET_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{TILE_MATRIX_SET}"
_WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
_GEOJSON = "application/geo+json"
_TILE = "application/vnd.mapbox-vector-tile"
_OPENAPI = Path(__file__).with_name("openapi.json")
_MOST_OFFSET = 10_000_000


def add_api_routes(server: Flask, session: PlanSession) -> None:
    """Add the addresses; the guard has found out who asks, by a token or a session.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plans, as the reader sees them.
    """
    kept = KeptReads(session)

    def keep(view: Callable[..., Response]) -> Callable[..., Response]:
        """Give the answer again that was given before, where nothing changed."""
        return wraps(view)(lambda **named: kept.answer(lambda: view(**named)))

    @server.get(f"{ROOT}/openapi.json")
    def api_definition() -> Response:
        return Response(_OPENAPI.read_bytes(), mimetype="application/vnd.oai.openapi+json;version=3.0")

    @server.get(f"{ROOT}/plans")
    @_explain
    @keep
    def api_plans() -> Response:
        return jsonify({"plans": [_plan(plan) for plan in session.store.plans()]})

    @server.get(f"{ROOT}/plans/<plan>/", strict_slashes=False)
    @_explain
    @keep
    def api_landing(plan: str) -> Response:
        version = _newest(session, plan)
        base = _base(plan)
        links = [
            _link("self", f"{base}/"),
            _link("service-desc", f"{_host()}{ROOT}/openapi.json", "application/vnd.oai.openapi+json;version=3.0"),
            _link("conformance", f"{base}/conformance"),
            _link("data", f"{base}/collections"),
        ]
        return jsonify({"title": version.plan_name, "description": _words(version), "links": links})

    @server.get(f"{ROOT}/plans/<plan>/conformance")
    @_explain
    @keep
    def api_conformance(plan: str) -> Response:
        _newest(session, plan)
        return jsonify({"conformsTo": _CONFORMS})

    @server.get(f"{ROOT}/plans/<plan>/collections")
    @_explain
    @keep
    def api_collections(plan: str) -> Response:
        found = [_collection(plan, layer, _layer(session, plan, layer)[0]) for layer in LAYERS]
        return jsonify({"collections": found, "links": [_link("self", f"{_base(plan)}/collections")]})

    @server.get(f"{ROOT}/plans/<plan>/collections/<layer>")
    @_explain
    @keep
    def api_collection(plan: str, layer: LayerName) -> Response:
        return jsonify(_collection(plan, layer, _layer(session, plan, layer)[0]))

    @server.get(f"{ROOT}/plans/<plan>/collections/<layer>/items")
    @_explain
    @keep
    def api_items(plan: str, layer: LayerName) -> Response:
        features, version = _layer(session, plan, layer)
        limit = read_count(request.args.get("limit"), DEFAULT_LIMIT, MOST_LIMIT, least=1)
        offset = read_count(request.args.get("offset"), 0, _MOST_OFFSET)
        found = features.find(read_box(request.args.get("bbox")))
        page = found[offset : offset + limit].tolist()
        here = f"{_base(plan)}/collections/{layer}/items"
        asked = request.args.to_dict()
        links = [_link("self", f"{here}?{urlencode(asked)}" if asked else here, _GEOJSON)]
        for rel, start in (("next", offset + limit), ("prev", max(0, offset - limit))):
            if (rel == "next" and start < len(found)) or (rel == "prev" and offset > 0):
                asked_there = {**asked, "limit": limit, "offset": start}
                links.append(_link(rel, f"{here}?{urlencode(asked_there)}", _GEOJSON))
        about = {"numberMatched": len(found), "numberReturned": len(page), "timeStamp": version.created.isoformat()}
        head = json.dumps({"type": "FeatureCollection", **about, "links": links}, ensure_ascii=False).encode()
        body = head[:-1] + b',"features":[' + b",".join(features.texts[k] for k in page) + b"]}"
        return Response(body, mimetype=_GEOJSON)

    @server.get(f"{ROOT}/plans/<plan>/collections/<layer>/items/<feature>")
    @_explain
    @keep
    def api_item(plan: str, layer: LayerName, feature: str) -> Response:
        features, _ = _layer(session, plan, layer)
        if feature not in features.ids:
            raise LookupError(feature)
        return Response(features.texts[features.ids[feature]], mimetype=_GEOJSON)

    @server.get(f"{ROOT}/plans/<plan>/collections/<layer>/tiles")
    @_explain
    @keep
    def api_tilesets(plan: str, layer: LayerName) -> Response:
        _layer(session, plan, layer)
        here = f"{_base(plan)}/collections/{layer}/tiles"
        return jsonify({"tilesets": [_tileset(plan, layer)], "links": [_link("self", here)]})

    @server.get(f"{ROOT}/plans/<plan>/collections/<layer>/tiles/{TILE_MATRIX_SET}")
    @_explain
    @keep
    def api_tileset(plan: str, layer: LayerName) -> Response:
        features, _ = _layer(session, plan, layer)
        extent = features.extent
        box = {"boundingBox": {"lowerLeft": extent[:2], "upperRight": extent[2:], "crs": CRS84}} if extent else {}
        return jsonify({**_tileset(plan, layer), **box, "layers": [{"id": layer, "dataType": "vector"}]})

    @server.get(f"{ROOT}/plans/<plan>/collections/<layer>/tiles/{TILE_MATRIX_SET}/<int:zoom>/<int:row>/<int:column>")
    @_explain
    def api_tile(plan: str, layer: LayerName, zoom: int, row: int, column: int) -> Response:
        bench, _ = _bench(session, plan, layer)
        answer = Response(encode_tile(make_tile_layer(bench, layer), layer, zoom, row, column), mimetype=_TILE)
        answer.add_etag()
        answer.make_conditional(request)
        return answer


def _explain(view: Callable[..., Response]) -> Callable[..., Response]:
    """What was wrong with a request, as JSON: 400, or 404 where the plan or layer is not there."""

    @wraps(view)
    def answer(**named: str) -> Response:
        try:
            return view(**named)
        except LookupError:
            return _fault(404, reader_words()("account.refused_404"))
        except PlanningError as error:
            return _fault(400, reader_words().pick(error.zh, error.en))

    return answer


def _fault(status: int, sentence: str) -> Response:
    answer = jsonify({"code": str(status), "description": sentence})
    answer.status_code = status
    return answer


def _newest(session: PlanSession, plan: str) -> Version:
    """The newest version of a plan the reader sees; "current" is the current one."""
    newest = session.find_current() if plan == "current" else next(iter(session.store.versions(plan)), None)
    if newest is None:
        raise LookupError(plan)
    return newest


def _layer(session: PlanSession, plan: str, layer: LayerName) -> tuple[FeatureLayer, Version]:
    """A layer of a plan; of one that no data are there for any more there is none."""
    bench, version = _bench(session, plan, layer)
    return make_feature_layer(bench, layer), version


def _bench(session: PlanSession, plan: str, layer: LayerName) -> tuple[Workbench, Version]:
    """A plan on its data, where it has such a layer."""
    version = _newest(session, plan)
    data = session.open(version)
    if layer not in LAYERS or data is None or data.bench.plan is None:
        raise LookupError(layer)
    return data.bench, version


def _tileset(plan: str, layer: LayerName) -> dict[str, Any]:
    here = f"{_base(plan)}/collections/{layer}/tiles/{TILE_MATRIX_SET}"
    zooms = range(LEAST_ZOOM, MOST_ZOOM + 1)
    whole = [{"tileMatrix": str(z), **_whole_matrix(z)} for z in zooms]
    return {
        "title": reader_words()(f"publishing.{layer}"),
        "dataType": "vector",
        "crs": _WEB_MERCATOR,
        "tileMatrixSetURI": _MATRIX_SET_URI,
        "tileMatrixSetLimits": whole,
        "links": [
            _link("self", here),
            {**_link("item", f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", _TILE), "templated": True},
        ],
    }


def _whole_matrix(zoom: int) -> dict[str, int]:
    return {"minTileRow": 0, "maxTileRow": 2**zoom - 1, "minTileCol": 0, "maxTileCol": 2**zoom - 1}


def _plan(plan: StoredPlan) -> dict[str, Any]:
    newest = plan.newest
    return {
        "id": plan.id,
        "name": plan.name,
        "stage": newest.stage,
        "place": newest.code or None,
        "version": newest.number,
        "created": newest.created.isoformat(),
        "plan_sha256": newest.plan_sha256,
        "links": [_link("data", f"{_base(plan.id)}/")],
    }


def _collection(plan: str, layer: str, features: FeatureLayer) -> dict[str, Any]:
    here = f"{_base(plan)}/collections/{layer}"
    extent = {"extent": {"spatial": {"bbox": [features.extent], "crs": CRS84}}} if features.extent else {}
    return {
        "id": layer,
        "title": reader_words()(f"publishing.{layer}"),
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        **extent,
        "links": [
            _link("self", here),
            _link("items", f"{here}/items", _GEOJSON),
            _link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", f"{here}/tiles"),
        ],
    }


def _words(version: Version) -> str:
    words = reader_words()
    return f"{words('store.number', n=version.number)} · {words(f'approval.{version.stage}')} · {version.created_text}"


def _host() -> str:
    return request.host_url.rstrip("/") + request.script_root


def _base(plan: str) -> str:
    return f"{_host()}{ROOT}/plans/{plan}"


def _link(rel: str, href: str, kind: str = "application/json") -> dict[str, Any]:
    return {"rel": rel, "href": href, "type": kind}
