"""The workbench as a web server: one dataset, one plan, one page."""

from __future__ import annotations

import atexit
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import waitress
from dash import Dash, set_props
from dash._utils import to_json
from dash.development.base_component import Component
from dash.exceptions import DependencyException
from flask import Response, has_request_context, request
from flask_compress import Compress

from app.desks.accounts.codes import describe_account
from app.desks.accounts.provider import Provider
from app.desks.accounts.sign_on import SignOnRules
from app.desks.editing.session import EditSession
from app.desks.exports.jobs import ExportJobs
from app.desks.exports.reading import PlanFileReader
from app.desks.imports.session import ImportSession
from app.desks.plans.carry import carry_plan
from app.desks.plans.menu import NO_PLANS, make_menu
from app.desks.plans.run_manager import PlanRunManager
from app.i18n import HTML_LANG, say
from app.session.folders import default_store_path
from app.session.measuring import RequestMeter
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_author, reader_revision, reader_words
from app.settings import ASSETS, HOST, LOOPBACK, PORT, THREADS, UPLOAD_MB, connection_options, proxy_options
from app.store.access import Access
from app.store.accounts import Accounts
from app.store.copying import store_file
from app.store.errors import NotInStoreError
from app.store.store import open_store
from app.web import callbacks
from app.web.accounts import add_guard
from app.web.components.map_view import MapView
from app.web.components.scripts import SCRIPTS_ADDRESS, component_scripts, page_files, vendor_address
from app.web.kept_layouts import HEADER, PLAN_FORM, READER, KeptLayouts, KeptSuites, LayoutMaker, keep_answers
from app.web.layout import ids
from app.web.layout.map import first_map
from app.web.layout.shell.page import OwnParts, build_own_parts, page
from app.web.routes.api import add_api_routes
from app.web.routes.approval import add_approval_routes
from app.web.routes.base_map import add_base_map_routes
from app.web.routes.editing import add_edit_routes
from app.web.routes.exports import add_export_job_routes, add_export_routes, add_plan_file_routes
from app.web.routes.health import add_health_routes
from app.web.routes.imports import add_import_routes
from app.web.routes.page import add_page_routes, gzip_response
from app.web.routes.plates import add_plate_routes
from app.web.routes.sheets import add_sheet_routes
from app.web.routes.signing_in import add_sign_in_routes
from app.web.routes.single_sign_on import add_single_sign_on_routes
from app.web.routes.status import add_status_routes
from app.web.security import add_request_guard, add_security_headers
from app.workbench.base_map import find_base_map
from geo.errors import PlanningError, UsageError
from geo.storage.disk_errors import disk_error

logger = logging.getLogger(__name__)

_INDEX = """<!DOCTYPE html>
<html lang="{lang}">
<head>
{metas}
<title>{title}</title>
{favicon}
<link rel="modulepreload" href="{vendor}maplibre/maplibre-gl.mjs">
<link rel="modulepreload" href="{vendor}maplibre/maplibre-gl-shared.mjs">
<link rel="preload" href="{prefix}_dash-layout{search}" as="fetch" crossorigin="anonymous">
<link rel="preload" href="{prefix}_dash-dependencies" as="fetch" crossorigin="anonymous">
<link rel="stylesheet" href="{vendor}maplibre/maplibre-gl.css">
{css}
</head>
<body>
{shell}
<div id="react-entry-point">{loading}</div>
<footer>
{map_ahead}
{config}
{scripts}
{renderer}
</footer>
</body>
</html>"""
_RENDERER = "pianqu_map.afterFirst(() => new DashRenderer());"
"""The page is put together when its map is painted: at the same time each would wait for the other."""
_SHELL = '<div class="shell"><div class="header"><span class="product">{name}</span>{loading}</div></div>'
_AHEAD = '<script id="map-ahead" type="application/json">{}</script>'


class WorkbenchApp(Dash):
    """A Dash app whose page says which language it is in, and what its map shows first.

    Parameters
    ----------
    first_map
        Makes the map of the page, None where there is none.
    pack_layout
        Makes the layout as compressed JSON.
    """

    def __init__(
        self, first_map: Callable[[], MapView | None], pack_layout: Callable[[], bytes], **options: Any
    ) -> None:
        self._first_map = first_map
        self._pack_layout = pack_layout
        super().__init__(**options)

    def serve_layout(self) -> Response:
        """The layout, as it is kept; the browser asks each time."""
        return gzip_response(self._pack_layout(), "application/json", "no-cache")

    def interpolate_index(
        self,
        metas: str = "",
        title: str = "",
        css: str = "",
        config: str = "",
        scripts: str = "",
        app_entry: str = "",
        favicon: str = "",
        renderer: str = "",
    ) -> str:
        """The HTML around the page; title, language and waiting text are the reader's.

        It names the files of the map, which the browser fetches and cuts into tiles while Dash
        still asks for the page.

        Parameters
        ----------
        metas, title, css, config, scripts, app_entry, favicon, renderer
            Parts of the page, as Dash makes them.
        """
        words = reader_words()
        first = self._first_map()
        return _INDEX.format(
            lang=HTML_LANG[words.language],
            title=words("page.title"),
            metas=metas,
            css=css,
            favicon=favicon,
            loading="" if first is not None else f'<div class="loading">{words("page.loading")}</div>',
            shell=_SHELL.format(name=words("page.product"), loading=words("page.loading")) if first is not None else "",
            config=config,
            scripts=scripts,
            renderer=renderer,
            vendor=self.get_relative_path(f"/{vendor_address()}"),
            prefix=self.config.requests_pathname_prefix,
            search=escape(f"?{asked}" if (asked := request.query_string.decode()) else ""),
            map_ahead="" if first is None else _AHEAD.format(to_script_json(first)),
        )


def create_app(
    dataset_folder: Path,
    plan_path: Path | None,
    store_url: str | None = None,
    *,
    read_only: bool = False,
    policy: Path | None = None,
    names: Path | None = None,
    is_https: bool = False,
) -> Dash:
    """Build the workbench of a dataset and, when there is one, its plan.

    Parameters
    ----------
    dataset_folder
        A dataset folder; one that is not there yet shows the invitation to import.
    plan_path
        PLAN.json made for it, taken into the store of plans; None takes the one next to the dataset.
    store_url
        Address of the store of plans; a SQLite file next to the dataset when None.
    read_only
        The page shows everything and changes neither the dataset nor the plans.
    policy, names
        Files named for this server; None = what the dataset is kept by.
    is_https
        Whether browsers reach it by HTTPS alone, which a proxy speaks.

    Returns
    -------
    The app; its `server` is a WSGI application.

    Raises
    ------
    PlanningError
        If the dataset is damaged, the folder is something else, or the plan is unreadable.
    """
    session = PlanSession(dataset_folder, plan_path, policy, store_url, read_only=read_only, names=names)
    known = Accounts(session.whole_store)
    accounts = known if known.is_any() else None
    sign_on = None if accounts is None else SignOnRules.from_settings(os.environ)
    imports = ImportSession(session)
    atexit.register(imports.close)
    layouts, (page_script, page_styles) = KeptLayouts(), page_files()
    scripts = [*component_scripts(), page_script]
    app = WorkbenchApp(
        lambda: _first_map(session),
        lambda: _packed_page(session, layouts),
        name=__name__,
        title=reader_words()("page.title"),
        update_title="",
        assets_folder=str(ASSETS),
        assets_path_ignore=["^vendor$", "^sheets$"],
        assets_ignore=r"\.(js|css)$",  # sent as one file each
        on_error=_show_error,
        suppress_callback_exceptions=True,  # a test proves the ids; this halves the first page
    )
    app.config.external_scripts.extend(  # these come before the large suites
        app.get_relative_path(f"/{SCRIPTS_ADDRESS}{script.name}") for script in scripts
    )
    app.config.external_stylesheets.append(app.get_relative_path(f"/{SCRIPTS_ADDRESS}{page_styles.name}"))
    app.renderer = _RENDERER
    app.layout = lambda: _page(session)
    runs, exports, meter = PlanRunManager(session), ExportJobs(), RequestMeter()
    callbacks.register(app, session, imports, runs)
    app.server.config["HAS_ACCOUNTS"] = accounts is not None
    limiter = add_guard(app.server, accounts, is_https=is_https)
    add_request_guard(app.server)
    meter.measure(app.server)
    add_api_routes(app.server, session)
    add_health_routes(app.server, session, meter)
    add_status_routes(app.server, session, runs, exports, meter)
    if accounts is not None and limiter is not None:
        provider = None if sign_on is None else Provider(app.server, sign_on)
        add_sign_in_routes(app.server, accounts, limiter, provider)
        add_single_sign_on_routes(app.server, accounts, limiter, provider, dataset_folder)
        add_approval_routes(app.server, session)
    add_page_routes(app.server, session, [*scripts, page_styles])
    add_import_routes(app.server, imports)
    add_export_routes(app.server, session)
    add_export_job_routes(app.server, session, exports)
    add_plan_file_routes(app.server, PlanFileReader(session))
    add_sheet_routes(app.server, session)
    add_edit_routes(app.server, EditSession(session))
    add_plate_routes(app.server, session)
    base = find_base_map()
    add_base_map_routes(app.server, base)
    origin = None if sign_on is None else sign_on.origin
    add_security_headers(app, None if base is None else base.host, origin)
    app.server.register_error_handler(OSError, _answer_disk_error)
    app.server.register_error_handler(DependencyException, lambda _: ("", 404))  # a suite nobody has
    app.server.config["MAX_CONTENT_LENGTH"] = (UPLOAD_MB + 1) * 1_000_000
    app.server.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
    ]
    app.server.config["COMPRESS_CACHE_KEY"] = lambda asked: asked.path
    app.server.config["COMPRESS_CACHE_BACKEND"] = KeptSuites
    Compress(app.server)
    keep_answers(app.server, session)
    return app


def serve(
    dataset_folder: Path,
    plan_path: Path | None,
    host: str = HOST,
    port: int = PORT,
    store_url: str | None = None,
    *,
    read_only: bool = False,
    policy: Path | None = None,
    names: Path | None = None,
    is_https: bool = False,
) -> None:
    """Serve the workbench until interrupted.

    Parameters
    ----------
    host
        Only this machine by default; on another address there must be accounts.
    port
        TCP port.
    store_url, read_only, policy, names, is_https
        As :func:`create_app`.

    Raises
    ------
    UsageError
        If others would reach it without signing in.
    PlanningError
        As :func:`create_app`.
    """
    options: dict[str, Any] = {"read_only": read_only, "policy": policy, "names": names, "is_https": is_https}
    if host not in LOOPBACK or is_https:
        _require_accounts(host, store_url or f"sqlite:///{default_store_path(dataset_folder)}")
    app = create_app(dataset_folder, plan_path, store_url, **options)
    has_accounts = app.server.config["HAS_ACCOUNTS"]
    if not has_accounts:  # a page elsewhere must not reach us under a name of its own
        app.server.config["TRUSTED_HOSTS"] = list(LOOPBACK)
    logger.info("serving: %s %s", *say("account.many" if has_accounts else "account.single"))
    if host not in LOOPBACK and not is_https:
        logger.warning("no HTTPS: %s %s", *say("account.no_https"))
    logger.info("workbench of %s on http://%s:%d", dataset_folder, host, port)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that uploads are removed
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits: it slows them all
    waitress.serve(
        app.server,
        host=host,
        port=port,
        threads=THREADS,
        ident="pianqu",
        max_request_body_size=(UPLOAD_MB + 1) * 1_000_000,
        **connection_options(),
        **(proxy_options() if is_https else {}),
    )


def _require_accounts(host: str, address: str) -> None:
    """Others are served only where they sign in.

    Raises
    ------
    UsageError
        If there is no account.
    """
    path = store_file(address)
    if path is not None and not path.is_file():
        raise UsageError(*say("account.needed", host=host))
    store = open_store(address)
    try:
        if not Accounts(store).is_any():
            raise UsageError(*say("account.needed", host=host))
    finally:
        store.close()


def to_script_json(component: MapView) -> str:
    """The properties of a map as JSON in the HTML; no text in it ends the block.

    Examples
    --------
    >>> "</script>" in to_script_json(MapView(id="map", theme="</script>"))
    False
    """
    text = json.dumps(component.to_plotly_json()["props"], ensure_ascii=False)
    return text.replace("<", "\\u003c")


def _open_requested(session: PlanSession) -> tuple[PageData | None, str]:
    """The version the address asks for; the newest, and a sentence, where there is none such."""
    asked = request.args if has_request_context() else {}
    try:
        data = session.open_requested(asked)
        if data is None or asked.get("plan") or not data.bench.context.is_past:
            return data, ""
        return _carry_current(session, data), ""
    except NotInStoreError as error:
        return session.open(None), reader_words().pick(error.zh, error.en)


def _carry_current(session: PlanSession, data: PageData) -> PageData | None:
    """The current plan on today's data, when they were corrected since it was made."""
    version = data.bench.version
    carried = None if version is None else carry_plan(session, version, "", reader_words())
    return data if carried is None else session.open(carried.id)


def _first_map(session: PlanSession) -> MapView | None:
    """The map as the page will have it; None where there is nothing to show."""
    data, _ = _open_requested(session)
    return first_map(data, reader_words()) if data else None


def _packed_page(session: PlanSession, layouts: KeptLayouts) -> bytes:
    """The layout of the version the address asks for, made when the store or the reader is another."""
    data, notice = _open_requested(session)
    words, access = reader_words(), reader_access()

    def make_frame() -> str:
        return str(to_json(page(data, words, OwnParts(HEADER, PLAN_FORM), notice, session.rights)))

    def make_parts() -> dict[str, str]:
        own = _own_parts(session, data, READER, replace(access, name=READER if access.name else ""))
        return {HEADER: to_json(own.header), PLAN_FORM: to_json(own.plan_form)}

    shared = (words.language, access.role, access.code, notice)
    own = (access.company, bool(access.name), reader_revision(session.whole_store))
    return layouts.pack(data, LayoutMaker(shared, own, reader_author(), make_frame, make_parts))


def _page(session: PlanSession) -> Component:
    """The whole page of the version the address asks for."""
    return _page_of(session, *_open_requested(session))


def _page_of(session: PlanSession, data: PageData | None, notice: str) -> Component:
    return page(
        data, reader_words(), _own_parts(session, data, reader_author(), reader_access()), notice, session.rights
    )


def _own_parts(session: PlanSession, data: PageData | None, author: str, access: Access) -> OwnParts:
    """The parts of the page that are the reader's, by their name and whoever they are."""
    words = reader_words()
    menu = NO_PLANS
    if data is not None:
        bench = data.bench
        menu = make_menu(
            session.store, bench.dataset, bench.version, author, session.rights.plans, session.has_other_limits
        )
    account = describe_account(None if data is None else data.bench.dataset, access, words)
    return build_own_parts(data, words, menu, session.rights, account)


def _answer_disk_error(error: OSError) -> tuple[str, int]:
    """What the disk refused, to whoever asked for a file; other errors stay what they are."""
    explained = error if isinstance(error, PlanningError) else disk_error(error, is_write=False)
    if explained is None:
        raise error
    sentence = reader_words().pick(explained.zh, explained.en)
    return f"<!DOCTYPE html><meta charset='utf-8'><p>{escape(sentence)}</p>", 507


def _show_error(error: Exception) -> None:
    """What went wrong in a callback: its own sentence, or that it was unexpected."""
    words = reader_words()
    explained = error if isinstance(error, PlanningError) else disk_error(error, is_write=False)
    if explained is not None:
        sentence = words.pick(explained.zh, explained.en)
    else:
        logger.error("callback failed", exc_info=error)
        sentence = words("page.unexpected")
    set_props(ids.NOTICE, {"children": sentence})
