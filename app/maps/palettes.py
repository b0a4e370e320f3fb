"""Colours of the map, one family for each kind of figure, told apart by colour-blind readers and in grey print.

What has a target diverges at it: ochre is not met, teal is met, and the darker the farther away. What is
lacking is ochre by amount. Numbers that are neither good nor bad are viridis; names have colours of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

OCHRE: tuple[tuple[str, ...], ...] = (
    (),
    ("#EBB968",),
    ("#F3DCB4", "#C8812A"),
    ("#F3DCB4", "#D8903C", "#8C510A"),
    ("#FAE6BC", "#E4A53B", "#A86917", "#5E300A"),
    ("#FDEBC0", "#EBB250", "#BB7711", "#7E470D", "#381D09"),
)
"""Classes that are not met, from near the target to far away, by how many there are."""
TEAL: tuple[tuple[str, ...], ...] = (
    (),
    ("#8CCFC7",),
    ("#C9E6E2", "#3F9F96"),
    ("#C9E6E2", "#5AB4AC", "#01665E"),
    ("#C1F5EF", "#51BCB2", "#007D76", "#00413D"),
    ("#CBFAF4", "#5CC1B8", "#008981", "#00534E", "#09211F"),
)
"""Classes that are met, from the target away, by how many there are."""
NO_PORTS = "#7B3294"
"""Bikes without any port: no number, and so no colour of a ramp."""
NO_DATA = "#F4F5F7"
NOT_APPLICABLE = "#E6E8EB"

_BEST, _GOOD, _FAIR, _POOR, _BAD = "#01665E", "#3F9F96", "#C9E6E2", "#C8812A", "#8C510A"
BAND_COLOURS: dict[str, dict[str, str]] = {
    "professional_coverage": {"professional": _GOOD, "other_managed": _FAIR, "unmanaged": _POOR},
    "ebike_ports": {"ok": _FAIR, "mid": OCHRE[1][0], "high": _BAD, "no_ports": NO_PORTS},
    "unmanaged_single_buildings": {"unmanaged": _POOR, "managed": _GOOD, "not_applicable": NOT_APPLICABLE},
    "management_coverage": {"managed": _GOOD, "unmanaged": _POOR},
    "old_service": {"served": _GOOD, "not_served": _POOR, "not_applicable": NOT_APPLICABLE},
    "owners_body": {"ywh": _BEST, "wgh": _GOOD, "none": _POOR, "not_applicable": NOT_APPLICABLE},
    "port_gap": {"enough": _FAIR, **{f"c{k}": colour for k, colour in enumerate(OCHRE[4])}},
    "management_mode": {
        "professional": "#0072B2",
        "standard_grade": "#56C9F3",
        "quasi": "#6FA588",
        "basic": "#C4F1B9",
        "community_custody": "#FFED1D",
        "owner_self": "#E0AC5E",
        "unit_self": "#A486A1",
        "emergency_only": "#804569",
        "none": "#D55E00",
    },
    "built_year": {"old": "#440154", "middle": "#21918C", "new": "#FDE725"},
    "neighbours": {"alone": _BAD, "one": OCHRE[1][0], "few": _FAIR, "many": _GOOD},
    "siting": {"lacking": OCHRE[1][0], "enough": _FAIR},
}
"""The colours of named classes by theme; a class without a colour is one without data: hatched."""
MET: dict[str, dict[str, bool]] = {
    "ebike_ports": {"ok": True, "mid": False, "high": False},
    "port_gap": {"enough": True, **{f"c{k}": False for k in range(5)}},
}
"""Which classes of a theme of units meet the target; others have none."""

_VIRIDIS = ("#FDE725", "#5DC863", "#21918C", "#3B528B", "#440154")


def sample_diverging(met: Sequence[bool], *, is_lower_better: bool = False) -> list[str]:
    """Colours of classes from low to high, those that meet the target on one side.

    Parameters
    ----------
    met
        Of each class; at most five of either, those of one side next to each other.
    is_lower_better
        Whether low values meet the target.

    Examples
    --------
    >>> sample_diverging([False, False, True])
    ['#C8812A', '#F3DCB4', '#8CCFC7']
    >>> sample_diverging([True, False], is_lower_better=True)
    ['#8CCFC7', '#EBB968']
    """
    ramps = {True: TEAL[sum(met)], False: OCHRE[len(met) - sum(met)]}
    return [
        colour
        for side in dict.fromkeys(met)
        for colour in (ramps[side][::-1] if side == is_lower_better else ramps[side])
    ]


def sample_viridis(n_classes: int, *, dark_is_low: bool = False) -> list[str]:
    """Colours of classes of numbers that are neither good nor bad, from low to high.

    Parameters
    ----------
    n_classes
        How many colours.
    dark_is_low
        Whether the first is the darkest.

    Examples
    --------
    >>> sample_viridis(2), sample_viridis(0)
    (['#FDE725', '#440154'], [])
    """
    light_first = ("", "4", "04", "024", "0134", "01234")[n_classes]
    colours = [_VIRIDIS[int(at)] for at in light_first]
    return colours[::-1] if dark_is_low else colours
