"""What a drawn part of the page holds: its ids, its texts, its controls."""

from collections.abc import Iterable, Iterator

from dash.development.base_component import Component


def each_part(drawn) -> Iterator[Component | str]:
    """Components and texts of a part, itself first; of several parts one after the other."""
    if isinstance(drawn, str):
        yield drawn
    elif isinstance(drawn, Component):
        yield drawn
        yield from each_part(getattr(drawn, "children", None))
    elif isinstance(drawn, Iterable):
        for one in drawn:
            yield from each_part(one)


def ids_in(drawn) -> list:
    return [part.id for part in each_part(drawn) if isinstance(part, Component) and getattr(part, "id", None)]


def text_in(drawn) -> str:
    return " ".join(part for part in each_part(drawn) if isinstance(part, str))


def disabled_in(drawn) -> list:
    """The controls that are idle."""
    parts = (part for part in each_part(drawn) if isinstance(part, Component))
    return [part for part in parts if getattr(part, "disabled", False) is True]
