"""With the neighbours shown: a click on a pair draws its walk, a unit selected what it reaches."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx

from app.desks.corrections.blocked_pairs import barrier_between
from app.maps.walks import pair_walk, unit_reach
from app.session.plan_session import Shown
from app.web.layout import ids
from app.web.layout.corrections.correcting import pair_buttons
from app.web.layout.explained import walk_told
from app.web.reader.language import reader_words


def register(app: Dash, shown: Shown) -> None:
    """Wire the map's clicks to what is drawn on it."""

    @app.callback(
        Output(ids.MAP, "drawn"),
        Output(ids.WALK_TOLD, "children"),
        Input(ids.MAP, "click"),
        Input(ids.MAP, "selected"),
        Input(ids.LAYERS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def draw(
        click: dict[str, Any] | None, selected: dict[str, Any] | None, layers: list[str], version: str
    ) -> tuple[Any, Any]:
        told = {entry["prop_id"].rsplit(".", 1)[1] for entry in ctx.triggered}
        pair = (click or {}).get("pair") if "click" in told else None
        unit = (selected or {}).get("unit")
        if "edges" not in layers:
            return None, []
        drawn, words = None, reader_words()
        if pair is not None:
            drawn = pair_walk(shown.there(version).bench, pair, words)
        elif unit is not None:
            drawn = unit_reach(shown.there(version).bench, unit, words)
        if drawn is None:
            return None, []
        bench = shown.there(version).bench
        is_barred = pair is not None and barrier_between(bench, pair) is not None
        buttons = [] if pair is None else [pair_buttons(pair, words, is_barred=is_barred)]
        return drawn.features, [*walk_told(drawn.sentences), *buttons]
