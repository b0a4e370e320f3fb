"""What screen readers are told."""

from __future__ import annotations

from typing import Any


def named(label: str) -> dict[str, Any]:
    """The attribute that names a region or control.

    Examples
    --------
    >>> named("Map")
    {'aria-label': 'Map'}
    """
    return {"aria-label": label}


def attributes(**values: str) -> dict[str, Any]:
    """Attributes of HTML with a hyphen in their name.

    Examples
    --------
    >>> attributes(data_token="x", aria_pressed="true")
    {'data-token': 'x', 'aria-pressed': 'true'}
    """
    return {name.replace("_", "-"): value for name, value in values.items()}


def live() -> dict[str, Any]:
    """The attribute of a text that is read aloud when it changes."""
    return {"aria-live": "polite"}
