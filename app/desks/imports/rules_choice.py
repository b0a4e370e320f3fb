"""Which policy and names a new dataset is kept by, as chosen in the import wizard."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import shapely

from analysis.policy import DEFAULT_POLICY, parse_policy, read_policy
from analysis.studies.policy_check import check_policy
from app.desks.imports.preview import FilePreview
from app.i18n import say
from app.workbench.policies import DEFAULT_NAMES, TEMPLATE_NAMES, TEMPLATE_POLICY, fill_template
from geo.errors import PlanningError, PolicyError
from geo.messages import Sentence
from geo.names import parse_names
from geo.storage.atomic_files import atomic_path

Kind = Literal["kept", "baotou", "template", "own"]
KINDS: tuple[Kind, ...] = ("kept", "baotou", "template", "own")
_MOST_BYTES = 400_000
"""A policy has some 40 kB; what is longer is none."""
_SHOWN_FAULTS = 5
_NAME_SECTIONS = frozenset({"districts", "streets", "functional_zones"})


@dataclass(frozen=True)
class RulesChoice:
    """What a planner says of the policy and the names.

    Parameters
    ----------
    kind
        "kept": what the dataset, or the server's command line, has; "baotou": the example shipped;
        "template": of no city; "own": the file that was dropped. None = nothing was said.
    city
        Name of the city for the template's titles; "" leaves it out.
    policy, names
        Files that were dropped and checked.
    """

    kind: Kind | None = None
    city: str = ""
    policy: Path | None = None
    names: Path | None = None

    def add_file(self, path: Path, *, is_policy: bool) -> RulesChoice:
        """The same with a file of one's own, which is what counts from then on.

        Parameters
        ----------
        path
            The file, checked.
        is_policy
            Whether it is a policy; else it holds names.
        """
        if is_policy:
            return replace(self, kind="own", policy=path)
        return replace(self, names=path)

    def files(self, folder: Path) -> tuple[Path | None, Path | None]:
        """Files of the policy and the names to import with; None where what is in force stays.

        Parameters
        ----------
        folder
            Where the template with the name of the city is written.
        """
        if self.kind == "baotou":
            return DEFAULT_POLICY, self.names or DEFAULT_NAMES
        if self.kind == "template":
            return _write_template(folder, self.city), self.names or TEMPLATE_NAMES
        if self.kind == "own" and self.policy is not None:
            return self.policy, self.names or TEMPLATE_NAMES
        return None, self.names


def suggest_kind(previews: Iterable[FilePreview]) -> Kind | None:
    """The template where most places of the files lie outside Baotou; None where they do not, or none is known.

    Parameters
    ----------
    previews
        Of the files dropped so far.
    """
    bounds = _example_bounds()
    shapes = [layer.shapes for one in previews for layer in one.layers if layer.shapes is not None]
    if len(bounds) != 4 or not shapes:
        return None
    inside = shapely.within(
        shapely.centroid(np.concatenate(shapes)), shapely.box(bounds[0], bounds[1], bounds[2], bounds[3])
    )
    return "template" if inside.mean() < 0.5 else None


@cache
def _example_bounds() -> tuple[float, ...]:
    """Where the city of the example lies: west, south, east, north in degrees."""
    return read_policy(DEFAULT_POLICY).bounds or ()


def save_rules_file(stream: IO[bytes], path: Path) -> bool:
    """Check a file of a policy or of names that somebody sent, and keep it.

    Parameters
    ----------
    stream
        What the browser sends; nothing in it is trusted.
    path
        Where to keep it.

    Returns
    -------
    Whether it is a policy; else it holds names.

    Raises
    ------
    PlanningError
        If it is too large, no text, no TOML, or a policy with faults: the first of them are named.
    """
    data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise PolicyError(*say("importing.rules_too_large", name=path.name, kb=_MOST_BYTES // 1000))
    try:
        text = data.decode("utf-8-sig")
        body: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(*say("importing.rules_no_toml", name=path.name, error=str(error)[:120])) from error
    is_policy = not set(body) <= _NAME_SECTIONS
    try:
        if is_policy:
            _require_sound(text, path)
        else:
            parse_names(text, path.name)
    except PlanningError:
        raise
    except Exception as error:  # values of another shape than any policy has
        raise PolicyError(*say("importing.rules_no_policy", name=path.name)) from error
    path.parent.mkdir(exist_ok=True)
    with atomic_path(path) as new:
        new.write_text(text, encoding="utf-8")
    return is_policy


def _require_sound(text: str, path: Path) -> None:
    """Refuse a policy with which a rule or an indicator would fail."""
    policy = parse_policy(text, path)
    faults = check_policy(policy)
    if faults:
        listed = Sentence.join([(f.zh, f.en) for f in faults[:_SHOWN_FAULTS]], ("; ", "; "))
        raise PolicyError(*say("importing.rules_faults", name=path.name, n=len(faults), faults=listed))
    policy.unit_rules(), policy.neighbour_rules()


def _write_template(folder: Path, city: str) -> Path:
    """The template, or a copy of it that names the city."""
    if not city.strip():
        return TEMPLATE_POLICY
    path = folder / "rules" / TEMPLATE_POLICY.name
    path.parent.mkdir(exist_ok=True)
    path.write_text(fill_template(city), encoding="utf-8")
    return path
