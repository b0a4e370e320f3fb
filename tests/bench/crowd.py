"""A crowd of buildings, or of readers.

``python -m tests.bench.crowd DATASET PLAN.json INTO [N]`` makes a dataset with many more buildings, for the page.
Every building that belongs to a community is cut into equal pieces along its longer side, as often as it takes to
have about N (200,000) in all; single buildings, which are units themselves, stay. INTO gets ``data``, a copy of the
dataset, and ``plan.json``, the plan for it: units and areas are the same.

``python -m tests.bench.crowd --readers ADDRESS --server PID`` asks a server that runs for the layout, for cards, for
the menu of plans and versions and for the table of areas, over 16 connections at once. It prints answers a second,
how long they took, and the CPU time of the server an answer: beside other work that alone can be compared.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import psutil
import shapely

from geo.storage.dataset import open_dataset, write_dataset

MOST = 200_000
CONNECTIONS, SECONDS = 16, 5.0


def main() -> None:
    """Write the dataset and the plan, or ask a server."""
    if "--readers" in sys.argv:
        parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
        parser.add_argument("--readers", metavar="ADDRESS", required=True)
        parser.add_argument("--server", type=int, metavar="PID", required=True)
        parser.add_argument("--seconds", type=float, default=SECONDS)
        options = parser.parse_args()
        ask_all(urlsplit(options.readers).netloc, psutil.Process(options.server), options.seconds)
        return
    source, plan, into = map(Path, sys.argv[1:4])
    wanted = int(sys.argv[4]) if len(sys.argv) > 4 else MOST
    folder = Path(shutil.copytree(source, into / "data"))
    dataset = open_dataset(folder)
    buildings = crowded(dataset.layer("buildings"), set(dataset.layer("units")["unit_id"]), wanted)
    written = write_dataset(folder, dataset.manifest, {"buildings": buildings})
    document = {**json.loads(plan.read_text("utf-8")), "planning_sha256": written.manifest.planning_sha256}
    (into / "plan.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    sys.stdout.write(f"{len(dataset.layer('units'))} units, {len(buildings)} buildings\n")


def crowded(buildings: gpd.GeoDataFrame, units: set[str], wanted: int) -> gpd.GeoDataFrame:
    """The buildings, those that are no units in pieces; of n rows about `wanted`."""
    is_unit = buildings["building_id"].isin(units).to_numpy()
    n_cut = int((~is_unit).sum())
    share = (wanted - int(is_unit.sum())) / max(n_cut, 1)
    pieces = np.ones(len(buildings), dtype=np.int64)
    pieces[~is_unit] = np.diff(np.floor(np.arange(n_cut + 1) * share)).clip(1)
    row = np.repeat(np.arange(len(buildings)), pieces)
    first = np.cumsum(pieces) - pieces
    k, n = np.arange(len(row)) - first[row], pieces[row]
    west, south, east, north = buildings.bounds.to_numpy().T[:, row]
    is_wide = east - west >= north - south
    x, y = (east - west) / n, (north - south) / n
    strips = shapely.box(
        np.where(is_wide, west + k * x, west),
        np.where(is_wide, south, south + k * y),
        np.where(is_wide, west + (k + 0.9) * x, east),
        np.where(is_wide, north, south + (k + 0.9) * y),
    )
    shapes = buildings.geometry.to_numpy()[row]
    cut = np.where(n > 1, shapely.intersection(shapes, strips), shapes)
    out = buildings.iloc[row].reset_index(drop=True)
    ids = out["building_id"].astype(str)
    out["building_id"] = np.where(k > 0, ids + "-" + k.astype(str), ids)
    out = out.set_geometry(gpd.GeoSeries(cut, crs=buildings.crs))
    return out[(shapely.get_dimensions(cut) == 2)].reset_index(drop=True)


class PageCalls:
    """The callbacks of a page as its browser sends them.

    Parameters
    ----------
    layout, dependencies
        Answers to `/_dash-layout` and `/_dash-dependencies`.
    """

    def __init__(self, layout: Any, dependencies: Any) -> None:
        self.known = dict(properties(layout))
        self.keys = theme_keys(layout)
        self.callbacks = dependencies

    @property
    def version(self) -> str:
        """What the page shows."""
        return str(self.known["version", "data"])

    def _now(self, part: dict[str, Any]) -> Any:
        return self.known.get((part["id"], part["property"]))

    def find(self, output: str, told: str, value: Callable[[int], Any]) -> Callable[[int], tuple[str, str, str]]:
        """The request of a callback for each number.

        Parameters
        ----------
        output, told
            Of the callback; the input that changed, all as "id.property".
        value
            Of that input.
        """
        one = next(one for one in self.callbacks if output in one["output"] and told in ids(one["inputs"]))
        outputs = [
            dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in output_ids(one["output"])
        ]
        fixed = [{**part, "value": self._now(part)} for part in one["state"]]

        def make(number: int) -> tuple[str, str, str]:
            given = [
                {**part, "value": value(number) if ids([part]) == {told} else self._now(part)}
                for part in ({key: part[key] for key in ("id", "property")} for part in one["inputs"])
            ]
            body = {
                "output": one["output"],
                "outputs": outputs if one["output"].startswith("..") else outputs[0],
                "inputs": given,
                "changedPropIds": [told],
                "state": fixed,
            }
            return "POST", "/_dash-update-component", json.dumps(body)

        return make

    def card(self, units: int = 3000) -> Callable[[int], tuple[str, str, str]]:
        """A click on one of so many units."""
        click = {"area": None, "pair": None, "site": None}
        return self.find("explanation.children", "map.click", lambda n: {"unit": n % units, **click, "n": n})

    def themes(self) -> Callable[[int], tuple[str, str, str]]:
        """The legend of a theme."""
        return self.find("legend.children", "theme.value", lambda n: self.keys[n % len(self.keys)])

    def plans(self) -> Callable[[int], tuple[str, str, str]]:
        """The menu of plans and versions."""
        return self.find("plan-menu.children", "editor.saved", lambda _: self.version.partition(".")[2])

    def areas(self) -> Callable[[int], tuple[str, str, str]]:
        """The table of all areas."""
        return self.find("grid-areas.rowData", "map.ready", lambda _: {"ms": 1})


def ask_all(host: str, server: psutil.Process, seconds: float) -> None:
    """Print a line for each kind of request."""
    page = PageCalls(
        json.loads(fetch(host, "GET", "/_dash-layout")), json.loads(fetch(host, "GET", "/_dash-dependencies"))
    )
    kinds: dict[str, Callable[[int], tuple[str, str, str]]] = {
        "layout": lambda _: ("GET", "/_dash-layout", ""),
        "card of a unit": page.card(),
        "menu of plans and versions": page.plans(),
        "table of all areas": page.areas(),
    }
    sys.stdout.write(f"{'':<28}{'a second':>9}{'median, ms':>12}{'p99, ms':>9}{'CPU an answer, ms':>19}{'kB':>7}\n")
    for name, make in kinds.items():
        before, began = sum(server.cpu_times()[:2]), time.perf_counter()
        took, sizes = ask(host, make, seconds)
        wall, cpu = time.perf_counter() - began, sum(server.cpu_times()[:2]) - before
        ms = np.array(took) * 1000
        sys.stdout.write(
            f"{name:<28}{len(took) / wall:>9.0f}{np.median(ms):>12.0f}{np.quantile(ms, 0.99):>9.0f}"
            f"{1000 * cpu / len(took):>19.2f}{np.mean(sizes) / 1000:>7.1f}\n"
        )


def ask(host: str, make: Callable[[int], tuple[str, str, str]], seconds: float) -> tuple[list[float], list[int]]:
    """Seconds and bytes of each answer, over all connections."""
    took: list[float] = []
    sizes: list[int] = []

    def read(reader: int) -> None:
        connection, number = http.client.HTTPConnection(host, timeout=60), reader
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            number += CONNECTIONS
            size = len(fetch(host, *make(number), connection=connection, unpacked=False))
            took.append(time.perf_counter() - began)
            sizes.append(size)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(CONNECTIONS)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    return took, sizes


def fetch(
    host: str,
    method: str,
    path: str,
    body: str = "",
    *,
    connection: http.client.HTTPConnection | None = None,
    unpacked: bool = True,
) -> bytes:
    """One answer, which must be a good one."""
    kind = {"Content-Type": "application/json", **({} if unpacked else {"Accept-Encoding": "gzip"})}
    connection = connection or http.client.HTTPConnection(host, timeout=60)
    connection.request(method, path, body or None, kind)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {content[:400]!r}")
    return content


def ids(parts: list[dict[str, Any]]) -> set[str]:
    """The "id.property" of inputs."""
    return {f"{part['id']}.{part['property']}" for part in parts}


def output_ids(output: str) -> list[str]:
    """The outputs of a callback, one by one."""
    return [part.split("@")[0] for part in output.strip(".").split("...")]


def theme_keys(part: Any) -> list[str]:
    """The themes there are to choose from."""
    if isinstance(part, list):
        return [found for one in part for found in theme_keys(one)]
    if not isinstance(part, dict) or "props" not in part:
        return []
    props = part["props"]
    if props.get("className") == "theme-choice":
        return [props["value"]]
    return [found for value in props.values() for found in theme_keys(value)]


def properties(part: Any) -> list[tuple[tuple[str, str], Any]]:
    """All properties of components with an id of their own."""
    if isinstance(part, list):
        return [found for one in part for found in properties(one)]
    if not isinstance(part, dict) or "props" not in part:
        return []
    props = part["props"]
    own = [((props["id"], name), value) for name, value in props.items()] if isinstance(props.get("id"), str) else []
    return own + [found for value in props.values() for found in properties(value)]


if __name__ == "__main__":
    main()
