"""The manifest of a dataset: what it is, and the sha256 of each of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.schema import PLANNING_LAYERS

SCHEMA = "pianqu.dataset/1"


@dataclass(frozen=True)
class Manifest:
    """What a dataset is and the proof of its bytes.

    Parameters
    ----------
    name
        City or area, as shown on screen.
    demo
        True for invented data: everything shown or exported says 演示数据.
    data_date
        ISO date the data speak of.
    metric_crs
        Authority string of the one CRS of all layers, metres.
    sources
        One record per imported file: file, sha256, layer, datum, rows, imported options.
    files
        sha256 of every file of the dataset but the manifest itself.
    graph_inputs
        Hash of the layers and rules the present edges were built from; None before.
    in_force
        What is stated of each text the dataset is kept by (`policy.toml`, `names.toml`): where it came
        from and who chose it. The texts are files of the dataset; plans do not refer to them.
    """

    name: str
    demo: bool
    data_date: str | None
    metric_crs: str
    sources: tuple[Mapping[str, Any], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    graph_inputs: str | None = None
    in_force: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def planning_sha256(self) -> str:
        """Hash of units, walks, edges, barriers and streets: what a plan refers to."""
        return hash_values(self.layer_hashes(PLANNING_LAYERS))

    def sha256_without(self, *layers: str) -> str:
        """Hash of every file of the dataset but those layers."""
        gone = {f"{layer}.parquet" for layer in layers}
        return hash_values({name: sha for name, sha in self.files.items() if name not in gone})

    @property
    def all_sha256(self) -> str:
        """Hash of every file of the dataset."""
        return hash_values(self.files)

    def layer_hashes(self, layers: Sequence[str]) -> dict[str, str]:
        """sha256 by file name of those of some layers that are there."""
        return {k: v for k, v in self.files.items() if k in {f"{name}.parquet" for name in layers}}


def new_manifest(name: str, metric_crs: str, *, demo: bool = False, data_date: str | None = None) -> Manifest:
    """The manifest of a dataset that has no file yet.

    Parameters
    ----------
    name
        City or area, as shown on screen.
    metric_crs
        Authority string of the CRS of all layers, metres.
    demo
        True for invented data.
    data_date
        ISO date the data speak of.
    """
    return Manifest(name=name, demo=demo, data_date=data_date, metric_crs=metric_crs)


def parse_manifest(text: str) -> Manifest:
    """Read the text of :func:`format_manifest` back.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError
        If it is no manifest of this schema.

    Examples
    --------
    >>> manifest = new_manifest("城", "EPSG:4546", data_date="2026-05-01")
    >>> parse_manifest(format_manifest(manifest)) == manifest
    True
    """
    raw = json.loads(text)
    if raw.pop("schema") != SCHEMA:
        raise ValueError("schema")
    return Manifest(
        name=raw["name"],
        demo=raw["demo"],
        data_date=raw["data_date"],
        metric_crs=raw["metric_crs"],
        sources=tuple(raw["sources"]),
        files=raw["files"],
        graph_inputs=raw["graph_inputs"],
        in_force=dict(raw.get("in_force", {})),
    )


def format_manifest(manifest: Manifest) -> str:
    """The manifest as it is written: JSON with a fixed order of keys."""
    body = {
        "schema": SCHEMA,
        "name": manifest.name,
        "demo": manifest.demo,
        "data_date": manifest.data_date,
        "metric_crs": manifest.metric_crs,
        "planning_sha256": manifest.planning_sha256,
        "all_sha256": manifest.all_sha256,
        "graph_inputs": manifest.graph_inputs,
        **({"in_force": dict(manifest.in_force)} if manifest.in_force else {}),
        "sources": list(manifest.sources),
        "files": dict(manifest.files),
    }
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes; of a folder's files and their names for a geodatabase."""
    if path.is_dir():
        parts = sorted(p for p in path.rglob("*") if p.is_file())
        return hash_values({p.relative_to(path).as_posix(): file_sha256(p) for p in parts})
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def hash_values(values: Mapping[str, str]) -> str:
    """Hex sha256 of texts by name, whatever their order."""
    return hashlib.sha256(json.dumps(dict(sorted(values.items()))).encode()).hexdigest()
