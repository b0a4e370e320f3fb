"""The text of a header: its name without case, width and units, and the unit of area its numbers are in."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from geo.values.quantities import SQUARE_METRES


def normalise_header(text: str) -> str:
    """A header without case, width, spaces, brackets and punctuation.

    Examples
    --------
    >>> normalise_header("建筑 面积（万㎡）"), normalise_header("House_Num")
    ('建筑面积', 'housenum')
    """
    return split_header(text)[0]


@lru_cache(maxsize=4096)
def split_header(text: str) -> tuple[str, float]:
    """A header's bare name, and the factor its unit stands for.

    Returns
    -------
    The name as of :func:`normalise_header`, and square metres per unit, 1.0 where none is named.

    Examples
    --------
    >>> split_header("占地面积(公顷)"), split_header("建筑面积万平方米")
    (('占地面积', 10000.0), ('建筑面积', 10000.0))
    """
    text = unicodedata.normalize("NFKC", str(text)).lower()
    text = re.sub(r"[\s_\-*:,.、。;'\"#]+", "", text)
    factor = 1.0
    for inside in re.findall(r"[(\[【〔<](.*?)[)\]】〕>]", text):
        for part in re.split(r"[/,，]", inside.removeprefix("单位")):
            factor = SQUARE_METRES.get(part, factor)
    text = re.sub(r"[(\[【〔<].*?[)\]】〕>]", "", text)
    tail = _UNIT_TAIL.search(text)
    if tail and tail.start() >= 2:
        factor = SQUARE_METRES.get(tail.group(1), factor)
        text = text[: tail.start()]
    return text.strip("/"), factor


def states_area_unit(text: str) -> bool:
    """Whether a header says itself what unit of area its numbers are in.

    Examples
    --------
    >>> states_area_unit("建筑面积(㎡)"), states_area_unit("建筑面积万平方米"), states_area_unit("建筑面积")
    (True, True, False)
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    insides = re.findall(r"[(\[【〔<](.*?)[)\]】〕>]", plain)
    parts = [p for inside in insides for p in re.split(r"[/,，:：、\s]", inside)]
    tail = _UNIT_TAIL.search(re.sub(r"[\s_]+", "", plain))
    return any(part in SQUARE_METRES for part in parts) or tail is not None


def parse_area_unit(text: str) -> float | None:
    """Square metres per unit where a line above the header names one unit of area.

    Examples
    --------
    >>> parse_area_unit("单位：户、万平方米"), parse_area_unit("昆都仑区台账"), parse_area_unit("单位：㎡/万㎡")
    (10000.0, None, None)
    """
    factors: set[float] = set()
    for units in re.findall(r"单位\s*[:：]?\s*([^\n]*)", unicodedata.normalize("NFKC", text)):
        parts = re.split(r"[^0-9a-z㎡²一-鿿]+", units.lower())
        factors |= {SQUARE_METRES[part] for part in parts if part in SQUARE_METRES}
    return factors.pop() if len(factors) == 1 else None


_UNIT_TAIL = re.compile(
    r"(万㎡|万m2|万平方米|万平米|㎡|m2|平方米|平米|公顷|亩|%)$"
)  # longer units first: the alternation stops at the first that fits
