"""Lines are cut where they meet, level by level, and become the edges of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

JOIN_M = 0.01
"""Lines this near to each other touch: coordinates are stored to 1 mm."""


@dataclass(frozen=True, eq=False)
class NodedLines:
    """Lines cut at their junctions.

    Parameters
    ----------
    pieces
        (m,) lines that meet each other at their ends only, within a level.
    line
        (m,) position of the line each piece is cut from.
    ends
        (m, 2) nodes at the start and end of each piece.
    xy
        (n, 2) coordinates of the nodes.
    """

    pieces: np.ndarray
    line: np.ndarray
    ends: np.ndarray
    xy: np.ndarray


def node_lines(lines: np.ndarray, levels: np.ndarray) -> NodedLines:
    """Cut lines where they meet.

    Lines of one level meet wherever they cross or touch. Lines of different levels pass over each
    other; they meet only where an end of one lies on a vertex of the other: a bridge begins where
    the street to it ends.

    Parameters
    ----------
    lines
        (k,) lines, metric CRS.
    levels
        (k,) int: 0 on the ground, higher above, lower below.

    Returns
    -------
    The pieces, in the order of the lines and along each of them.

    Examples
    --------
    >>> cross = shapely.linestrings([[(0, 5), (10, 5)], [(5, 0), (5, 10)]])
    >>> len(node_lines(cross, np.array([0, 0])).pieces)
    4
    >>> len(node_lines(cross, np.array([0, 1])).pieces)
    2
    """
    if not len(lines):
        nothing = np.empty(0, dtype=np.intp)
        return NodedLines(lines, nothing, np.empty((0, 2), dtype=np.intp), np.empty((0, 2)))
    lines, levels, of_line = _split_self_crossings(lines, levels)
    line, at_m = _find_cuts(lines, levels)
    pieces, cut_from, is_end = _cut_lines(lines, line, at_m)
    ends, xy = _nodes(pieces, levels[cut_from], is_end)
    real = (ends[:, 0] != ends[:, 1]) | (shapely.length(pieces) > 2 * JOIN_M)
    return NodedLines(pieces[real], of_line[cut_from[real]], ends[real], xy)


def _split_self_crossings(lines: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines that do not cross themselves, their levels, and the line each comes from."""
    of_line = np.arange(len(lines))
    crossed = np.flatnonzero(~shapely.is_simple(lines))
    if not len(crossed):
        return lines, levels, of_line
    parts = [shapely.get_parts(shapely.node(lines[i])) for i in crossed]
    straight = np.flatnonzero(shapely.is_simple(lines))
    of_line = np.concatenate([straight, np.repeat(crossed, [len(part) for part in parts])])
    every = np.concatenate([lines[straight], *parts])
    order = np.argsort(of_line, kind="stable")
    return every[order], levels[of_line[order]], of_line[order]


def _find_cuts(lines: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where lines are cut: position of the line, metres along it."""
    i, j = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=JOIN_M)
    is_other = i != j
    i, j = i[is_other], j[is_other]
    level = levels[i] == levels[j]
    crossing = shapely.intersection(lines[i[level]], lines[j[level]])
    xy, which = shapely.get_coordinates(crossing, return_index=True)
    cuts = [(i[level][which], xy)]
    ends = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    for side in ends:  # an end that touches another line, or a vertex of a line of another level
        touches = shapely.dwithin(lines[i], side[j], JOIN_M)
        xy = shapely.get_coordinates(side[j])
        away = np.flatnonzero(touches & ~level)
        touches[away] = shapely.dwithin(_vertices(lines[i[away]]), side[j[away]], JOIN_M)
        cuts.append((i[touches], xy[touches]))
    line = np.concatenate([which for which, _ in cuts])
    points = shapely.points(np.concatenate([xy for _, xy in cuts]))
    at_m = shapely.line_locate_point(lines[line], points)
    inner = (at_m > JOIN_M) & (at_m < shapely.length(lines)[line] - JOIN_M)
    line, at_m = line[inner], at_m[inner]
    order = np.lexsort((at_m, line))
    line, at_m = line[order], at_m[order]
    first = np.ones(len(line), dtype=bool)
    first[1:] = (line[1:] != line[:-1]) | (np.diff(at_m) > JOIN_M)
    return line[first], at_m[first]


def _vertices(lines: np.ndarray) -> np.ndarray:
    """(k,) the vertices of each line as one multipoint."""
    xy, which = shapely.get_coordinates(lines, return_index=True)
    points = np.asarray(shapely.points(xy), dtype=object)
    return np.asarray(shapely.multipoints(points, indices=which), dtype=object)


def _cut_lines(lines: np.ndarray, line: np.ndarray, at_m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pieces of lines, the line of each, and (m, 2) whether an end of a piece is one of its line."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    step[first] = 0.0
    along = np.cumsum(step)
    along -= along[first][owner]
    cut_xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], at_m))
    every_xy = np.concatenate([xy, cut_xy])
    every_line = np.concatenate([owner, line])
    every_m = np.concatenate([along, at_m])
    is_cut = np.concatenate([np.zeros(len(xy), dtype=bool), np.ones(len(line), dtype=bool)])
    order = np.lexsort((is_cut, every_m, every_line))
    every_xy, every_line, is_cut = every_xy[order], every_line[order], is_cut[order]
    copies = np.where(is_cut, 2, 1)  # a cut ends one piece and begins the next
    starts = np.diff(every_line, prepend=-1) != 0
    position = np.repeat(np.arange(len(every_xy)), copies)
    begins = starts[position]
    begins[1:] |= position[1:] == position[:-1]
    piece = np.cumsum(begins) - 1
    pieces = np.asarray(shapely.linestrings(every_xy[position], indices=piece), dtype=object)
    head, tail = np.flatnonzero(begins), np.append(np.flatnonzero(begins)[1:], len(begins)) - 1
    is_end = ~np.stack([is_cut[position[head]], is_cut[position[tail]]], axis=1)
    return pieces, every_line[position[head]], is_end


def _nodes(pieces: np.ndarray, levels: np.ndarray, is_end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m, 2) nodes of the pieces' ends and (n, 2) their coordinates."""
    ends = np.stack([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)], axis=1)
    xy = shapely.get_coordinates(ends.ravel())
    level, is_end = np.repeat(levels, 2), is_end.ravel()
    a, b = cKDTree(xy).query_pairs(2 * JOIN_M, output_type="ndarray").T
    joined = (level[a] == level[b]) | is_end[a] | is_end[b]
    links = (np.ones(joined.sum(), dtype=np.int8), (a[joined], b[joined]))
    label = connected_components(coo_array(links, shape=(len(xy), len(xy))), directed=False)[1]
    _, first, node = np.unique(label, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))  # numbered as they come along the pieces
    return rank[node].reshape(-1, 2), xy[np.sort(first)]
