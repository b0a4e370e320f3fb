"""The layers of one file, each by itself: what one of them lacks does not keep the others out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pyproj import CRS

from geo.errors import EmptyLayerError, MissingCRSError, PlanningError, UnknownLayerError
from geo.findings import Finding
from geo.importing.options import ImportOptions
from geo.messages import Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer

say = load_catalogue(__file__)

_SKIPPED = (UnknownLayerError, MissingCRSError, EmptyLayerError)
_NEEDS_PLACE = ("roads", "barriers", "crossings", "streets", "neighbourhoods", "boundary")
_COLUMNS = 12


@dataclass(frozen=True, eq=False)
class GeoreferencedLayer:
    """One layer of a file, placed."""

    prepared: PreparedLayer
    crs: CRS | None
    n_rows: int


def read_layers(
    raws: Sequence[RawLayer],
    options: ImportOptions,
    read: Callable[[RawLayer, ImportOptions], tuple[PreparedLayer, CRS | None]],
) -> list[GeoreferencedLayer]:
    """Prepare and place each layer of a file.

    Parameters
    ----------
    raws
        Of one file.
    options
        Of the file; `read_layers` names the layer of single ones.
    read
        Prepares and places one.

    Returns
    -------
    The layers that can be used. Of several, those that nobody recognises, that have no CRS, or
    whose rows need a geometry and have none, are left out and reported by a finding of the first one.

    Raises
    ------
    PlanningError
        If the only layer, or every one, cannot be used; if coordinates contradict what is stated of
        them.
    """
    found: list[GeoreferencedLayer] = []
    skipped: list[tuple[RawLayer, PlanningError]] = []
    for raw in raws:
        try:
            prepared, crs = read(raw, _layer_options(raw, options))
            if len(raws) > 1 and crs is None and raw.is_map and prepared.layer in _NEEDS_PLACE:
                raise EmptyLayerError(*say("error.no_geometry", file=raw.file, sheet=raw.sheet))
        except _SKIPPED as error:
            skipped.append((raw, error))
            continue
        found.append(GeoreferencedLayer(prepared, crs, len(raw.frame)))
    if not found:
        raise _combine_errors([error for _, error in skipped])
    if skipped:
        first = found[0]
        skipped_findings = [_skipped_finding(raw, error) for raw, error in skipped]
        found[0] = replace(first, prepared=first.prepared.found(*skipped_findings))
    return found


def _layer_options(raw: RawLayer, options: ImportOptions) -> ImportOptions:
    """The options of one layer of a file: the layer that is named for it by its name."""
    named = dict(options.layers_of)
    return replace(options, layer=named.get(raw.sheet or "", named.get(raw.file, options.layer)))


def _combine_errors(faults: Sequence[PlanningError]) -> PlanningError:
    if len(faults) == 1:
        return faults[0]
    zh, en = (list(dict.fromkeys(getattr(f, side) for f in faults)) for side in ("zh", "en"))
    return type(faults[0])("\n".join(zh), "\n".join(en))


def _skipped_finding(raw: RawLayer, error: PlanningError) -> Finding:
    """What was left out, and how to import it after all."""
    columns = [str(c) for c in raw.frame.columns if c != "geometry"]
    listed = "、".join(columns[:_COLUMNS]) + ("…" if len(columns) > _COLUMNS else "")
    name, n = raw.sheet or raw.file, len(raw.frame)
    reason = Sentence(error.zh.splitlines()[0], error.en.splitlines()[0])
    if isinstance(error, UnknownLayerError):
        return Finding(
            "warning",
            "layer.unknown",
            *say("layer.unknown", name=name, n=n, listed=listed, reason=reason),
            file=raw.file,
            sheet=raw.sheet,
        )
    return Finding(
        "error",
        "layer.left_out",
        *say("layer.left_out", name=name, n=n, reason=reason, listed=listed),
        file=raw.file,
        sheet=raw.sheet,
    )
