/* A line across an area: what lies on which side, what it crosses, the line a keyboard begins with.
   Places are [lon, lat]; no page and no map, so it runs in node as well. */
(function (root) {
  "use strict";

  const { isInside, boxOf } = typeof module !== "undefined" && module.exports
    ? require("../map_view/map_geometry.js") : root.pianqu_map.geometry;
  const ARC = 24; // corners of the half circle that closes a side
  const DEGREE_M = 111195;
  const rad = (degrees) => (degrees * Math.PI) / 180;

  /* Metres around a place, as if the city were flat. */
  function flatAround([lon0, lat0]) {
    const wide = DEGREE_M * Math.cos(rad(lat0));
    return {
      flat: ([lon, lat]) => [(lon - lon0) * wide, (lat - lat0) * DEGREE_M],
      place: ([x, y]) => [lon0 + x / wide, lat0 + y / DEGREE_M],
    };
  }

  /* For each place whether it lies to the left of a path, both ends of which go on straight; a place
     that is missing lies nowhere (null). */
  function sidesOf(path, places) {
    const { flat } = flatAround(path[0]);
    const line = path.map(flat);
    const points = places.map((place) => (place ? flat(place) : null));
    const known = [...line, ...points.filter(Boolean)];
    const size = 4 * Math.max(1, ...known.map(([x, y]) => Math.hypot(x, y)));
    const ends = [ahead([...line].reverse(), size), ahead(line, size)];
    const [to, from] = ends.map(([x, y]) => Math.atan2(y, x));
    const turn = (to - from + 4 * Math.PI) % (2 * Math.PI);
    const arc = Array.from({ length: ARC + 1 }, (_, k) => {
      const angle = from + (turn * k) / ARC;
      return [3 * size * Math.cos(angle), 3 * size * Math.sin(angle)];
    });
    const ring = [ends[0], ...line, ends[1], ...arc];
    return points.map((point) => (point ? isInside(point, ring) : null));
  }

  /* A place far beyond the end of a line, in the direction of its last fifth: the last point alone trembles. */
  function ahead(line, size) {
    const [x, y] = line[line.length - 1];
    const least = lengthOf(line) / 5;
    let from = line.length - 2;
    while (from > 0 && Math.hypot(x - line[from][0], y - line[from][1]) < least) from -= 1;
    const [dx, dy] = [x - line[from][0], y - line[from][1]];
    const length = Math.hypot(dx, dy) || 1;
    return [x + (dx / length) * size, y + (dy / length) * size];
  }

  function lengthOf(line) {
    return line.slice(1).reduce((sum, [x, y], k) => sum + Math.hypot(x - line[k][0], y - line[k][1]), 0);
  }

  /* Tells of two places whether a path, as drawn, passes between them; most of a city is not near it. */
  function passing(path) {
    const side = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    const [west, south, east, north] = boxOf([path]);
    return (a, b) => {
      if (Math.max(a[0], b[0]) < west || Math.min(a[0], b[0]) > east) return false;
      if (Math.max(a[1], b[1]) < south || Math.min(a[1], b[1]) > north) return false;
      for (let k = 1; k < path.length; k += 1) {
        const [p, q] = [path[k - 1], path[k]];
        if (side(p, q, a) * side(p, q, b) < 0 && side(a, b, p) * side(a, b, q) < 0) return true;
      }
      return false;
    };
  }

  /* Across the middle of some places, square to their longest extent; null where there are no two. */
  function lineAcross(places) {
    if (places.length < 2) return null;
    const mean = (k) => places.reduce((sum, place) => sum + place[k], 0) / places.length;
    const { flat, place } = flatAround([mean(0), mean(1)]);
    const points = places.map(flat);
    const sum = (of) => points.reduce((total, point) => total + of(point), 0);
    const axis = Math.atan2(2 * sum(([x, y]) => x * y), sum(([x]) => x * x) - sum(([, y]) => y * y)) / 2;
    const half = 1.3 * Math.max(50, ...points.map(([x, y]) => Math.hypot(x, y)));
    const [dx, dy] = [-half * Math.sin(axis), half * Math.cos(axis)];
    return [place([-dx, -dy]), place([dx, dy])];
  }

  /* A line turned about its middle, counterclockwise. */
  function turned(path, degrees) {
    const { flat, place } = flatAround(middleOf(path));
    const [cos, sin] = [Math.cos(rad(degrees)), Math.sin(rad(degrees))];
    return path.map(flat).map(([x, y]) => place([x * cos - y * sin, x * sin + y * cos]));
  }

  /* A line moved by a share of its length, to the east and to the north. */
  function shifted(path, east, north) {
    const { flat, place } = flatAround(middleOf(path));
    const line = path.map(flat);
    const length = lengthOf(line);
    return line.map(([x, y]) => place([x + east * length, y + north * length]));
  }

  function middleOf(path) {
    const last = path[path.length - 1];
    return [0, 1].map((k) => (path[0][k] + last[k]) / 2);
  }

  const parts = { sidesOf, passing, lineAcross, turned, shifted };
  if (typeof module !== "undefined" && module.exports) module.exports = parts;
  else root.pianqu_edit = Object.assign(root.pianqu_edit || {}, parts);
})(typeof window === "undefined" ? globalThis : window);
