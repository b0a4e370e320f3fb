"""Every palette of the map for colour-blind readers and for grey print."""

from itertools import combinations

import numpy as np
import pytest

from analysis.studies.colouring import OKABE_ITO
from app.drawings.patterns import class_pattern, draw_patterns, place_pattern
from app.i18n import load_words
from app.maps.admin_units import PLACE_INDICATORS, make_place_bands
from app.maps.palettes import NO_PORTS, sample_diverging, sample_viridis
from app.maps.themes import AREAS

ZH = load_words("zh")
SIGHTS = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""What is left of linear RGB (Machado, Oliveira, Fernandes 2009, severity 1)."""

CLASSES_APART = 13.0
"""CIEDE2000 between two classes of a legend. Nine classes of names reach 14.5 with blue and red kept,
five of viridis 13.6."""
AREAS_APART = 10.0
"""Between two colours of areas: the seven of Okabe and Ito reach 10.9 (orange and pink, tritanopia)."""
LIGHTER = 10.0
"""L* between two classes with the same pattern: five of viridis are 18 apart."""
PATTERN_SHOWS_FROM = 30.0
"""L* from which the dark ink of a pattern is seen on a fill; the ink has 17."""


def lab(colour, sight="all cones"):
    """CIE L*a*b* (D65) of "#RRGGBB" as an eye sees it: (3,)."""
    light = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SIGHTS[sight]) @ linear, 0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.array(to_xyz) @ seen / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one, other):
    """CIEDE2000 of two colours in L*a*b* (Sharma, Wu, Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    weak = 0.5 * (1 - np.sqrt((c7 := ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7) / (c7 + 25**7)))
    c1, c2 = np.hypot(a1 * (1 + weak), b1), np.hypot(a2 * (1 + weak), b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * (1 + weak))) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    light, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    wave = sum(
        k * np.cos(np.radians(n * hue - shift))
        for k, n, shift in ((-0.17, 1, 30), (0.24, 2, 0), (0.32, 3, -6), (-0.20, 4, 63))
    )
    d_l = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    d_c, d_h = (c2 - c1) / (1 + 0.045 * chroma), d_hue / (1 + 0.015 * chroma * (1 + wave))
    rotation = 2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    rotation *= np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    return np.sqrt(d_l**2 + d_c**2 + d_h**2 - rotation * d_c * d_h)


def closest(colours, sight):
    """The least distance of two colours, and which they are; infinite for one alone."""
    seen = {colour: lab(colour, sight) for colour in colours}
    pairs = combinations(colours, 2)
    return min(((distance(seen[a], seen[b]), a, b) for a, b in pairs), default=(np.inf,))


def plain_colours(bands):
    """All but those that are hatched: the hatch is a sign of its own on the screen too."""
    return [colour for band in bands if not band.hatched for colour in band.colours]


def alike_in_grey(looks):
    """Pairs of (colour, pattern) that grey print does not tell apart."""
    seen = [
        (light, pattern if light >= PATTERN_SHOWS_FROM else "", colour)
        for colour, pattern in looks
        for light in [lab(colour)[0]]
    ]
    return [(a[2], b[2]) for a, b in combinations(seen, 2) if a[1] == b[1] and abs(a[0] - b[0]) < LIGHTER]


def places_legends(data):
    return [
        make_place_bands(data.bench, key, "street", ZH, method=method)
        for key in PLACE_INDICATORS
        for method in ("policy", "natural")
    ]


@pytest.fixture(scope="module")
def legends(data):
    return [*[theme.bands for theme in data.themes], *places_legends(data)]


def test_the_distance_is_that_of_the_published_examples():
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    assert [round(distance(a, b), 4) for a, b, _ in pairs] == [told for *_, told in pairs]


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_reader_tells_the_classes_of_every_legend_apart(legends, sight):
    for bands in legends:
        least = AREAS_APART if any(len(band.colours) > 1 for band in bands) else CLASSES_APART
        assert closest(plain_colours(bands), sight)[0] >= least, [band.key for band in bands]


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("n_classes", [2, 3, 4, 5])
def test_classes_of_numbers_differ_from_each_other(sight, n_classes):
    assert closest(sample_viridis(n_classes), sight)[0] >= CLASSES_APART


SIDES = [(n, m) for n in range(6) for m in range(6) if 1 <= n + m <= 5] + [(3, 3)]
"""How many classes are not met, and met."""


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("n_unmet", "n_met"), SIDES)
def test_classes_around_a_target_differ_for_every_reader(sight, n_unmet, n_met):
    colours = sample_diverging([False] * n_unmet + [True] * n_met)
    assert len(set(colours)) == n_unmet + n_met
    assert closest([*colours, NO_PORTS], sight)[0] >= CLASSES_APART


@pytest.mark.parametrize(("n_unmet", "n_met"), SIDES)
def test_what_is_met_is_teal_and_the_rest_ochre_whichever_side_is_better(n_unmet, n_met):
    colours = sample_diverging([False] * n_unmet + [True] * n_met)
    hues = [lab(colour)[1:] @ [1, 1] > 0 for colour in colours]  # towards red and yellow
    assert hues == [True] * n_unmet + [False] * n_met
    assert sample_diverging([True] * n_met + [False] * n_unmet, is_lower_better=True) == colours[::-1]


def test_nobody_who_meets_the_target_has_the_colour_of_who_does_not(data):
    for bands in [*[theme.bands for theme in data.themes], *places_legends(data)]:
        for band in bands:
            if band.is_met is not None:
                assert (lab(band.colours[0])[1:] @ [1, 1] > 0) is not band.is_met, band


def test_the_colours_of_areas_are_those_whose_limit_is_stated():
    assert min(closest(OKABE_ITO, sight)[0] for sight in SIGHTS) == pytest.approx(10.9, abs=0.05)


def test_classes_of_every_theme_differ_in_grey_print(data):
    for theme in data.themes:
        if theme.key == AREAS:  # told apart by outline and number, see pattern_of
            continue
        looks = [(colour, class_pattern(theme, k)) for k, colour in enumerate(theme.palette)]
        assert alike_in_grey(looks) == [], theme.key


def test_classes_of_places_differ_in_grey_print(data):
    for bands in places_legends(data):
        assert alike_in_grey([(b.colours[0], place_pattern(b)) for b in bands]) == []


def test_each_of_nine_modes_has_a_pattern_of_its_own_that_is_drawn(data):
    theme = data.theme("management_mode")
    signs = [class_pattern(theme, k) for k, band in enumerate(theme.bands) if not band.hatched]
    assert len(set(signs)) == len(signs) == 9
    assert all(f'id="{sign}"' in draw_patterns() for sign in signs if sign)
