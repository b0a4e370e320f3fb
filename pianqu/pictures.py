"""Areas as pictures: with matplotlib, or as a folium map that needs no internet."""

from __future__ import annotations

import importlib
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.studies.colouring import colour_areas
from geo.errors import UsageError
from geo.messages import load_catalogue
from pianqu.graph import Graph

say = load_catalogue(__file__)

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8C6BB1")
"""Okabe and Ito's colours, told apart by colour-blind readers; areas next to each other differ."""
NO_AREA = "#D9DCE1"


def choose_area_colours(labels: pd.Series, graph: Graph) -> list[str]:
    """(n,) colour of each unit by its area; neighbouring areas differ.

    Parameters
    ----------
    labels
        (n,) area of each unit, −1 = none.
    graph
        Their neighbours.
    """
    of = labels.to_numpy()
    touching = of[graph.edges]
    touching = touching[(touching >= 0).all(axis=1) & (touching[:, 0] != touching[:, 1])]
    colours = colour_areas(int(of.max(initial=-1)) + 1, touching)
    return [NO_AREA if area < 0 else COLOURS[colours[area] % len(COLOURS)] for area in of.tolist()]


def draw_areas(frame: gpd.GeoDataFrame, labels: pd.Series, graph: Graph, ax: Any = None, **options: Any) -> Any:
    """Draw units in the colours of their areas with matplotlib.

    Parameters
    ----------
    frame
        The units.
    labels, graph
        As :func:`choose_area_colours`.
    ax
        Axes; None = new ones.
    options
        For `GeoDataFrame.plot`.

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    """
    try:
        importlib.import_module("matplotlib")
    except ImportError as error:
        raise UsageError(*say("missing.library", name="matplotlib")) from error
    options = {"edgecolor": "white", "linewidth": 0.3, **options}
    ax = frame.plot(ax=ax, color=choose_area_colours(labels, graph), **options)
    ax.set_axis_off()
    return ax


def draw_folium_map(frame: gpd.GeoDataFrame, labels: pd.Series, graph: Graph, reasons: pd.DataFrame) -> folium.Map:
    """Units on a folium map without background: label, area and reason when pointed at.

    Parameters
    ----------
    frame
        The units.
    labels, graph
        As :func:`choose_area_colours`.
    reasons
        `Areas.reasons`.
    """
    shown = gpd.GeoDataFrame(
        {
            "unit": frame.index.astype(str),
            "area": np.where(labels < 0, "—", labels.astype(str)),
            "reason_zh": reasons["reason_zh"].to_numpy(),
            "reason_en": reasons["reason_en"].to_numpy(),
            "colour": choose_area_colours(labels, graph),
        },
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
    ).to_crs("EPSG:4326")
    west, south, east, north = shown.total_bounds
    drawn = folium.Map(tiles=None)
    folium.GeoJson(
        shown,
        style_function=lambda one: {
            "fillColor": one["properties"]["colour"],
            "color": "#FFFFFF",
            "weight": 1,
            "fillOpacity": 0.75,
        },
        tooltip=folium.GeoJsonTooltip(["unit", "area", "reason_zh", "reason_en"], ["单元 unit", "片区 area", "", ""]),
    ).add_to(drawn)
    drawn.fit_bounds([[south, west], [north, east]])
    return drawn
