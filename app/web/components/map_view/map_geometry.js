/* Plane geometry of the tools: what a lasso encloses, what a brush touches. Points are [x, y] in
   any one plane; no map and no page, so it runs in node as well. */
(function (root) {
  "use strict";

  /* Whether a point is inside a ring (even-odd; the ring may be open or closed). */
  function isInside([x, y], ring) {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [ax, ay] = ring[i];
      const [bx, by] = ring[j];
      if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  }

  /* Distance from a point to a piece of a line. */
  function distanceTo([x, y], [ax, ay], [bx, by]) {
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const along = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
  }

  /* Whether a disc touches a polygon's outer ring or what is inside it. */
  function touches(centre, radius, ring) {
    if (isInside(centre, ring)) return true;
    for (let i = 1; i < ring.length; i += 1) if (distanceTo(centre, ring[i - 1], ring[i]) <= radius) return true;
    return false;
  }

  /* Outer rings of a GeoJSON geometry; a point is a ring of one. */
  function ringsOf(geometry) {
    if (geometry.type === "Polygon") return [geometry.coordinates[0]];
    if (geometry.type === "MultiPolygon") return geometry.coordinates.map((polygon) => polygon[0]);
    if (geometry.type === "Point") return [[geometry.coordinates, geometry.coordinates]];
    return [];
  }

  /* West, south, east, north of some rings. */
  function boxOf(rings) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of rings) {
      for (const [x, y] of ring) {
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    }
    return box;
  }

  const parts = { isInside, distanceTo, touches, ringsOf, boxOf };
  if (typeof module !== "undefined" && module.exports) module.exports = parts;
  else {
    root.pianqu_map = root.pianqu_map || {};
    root.pianqu_map.geometry = parts;
  }
})(typeof window === "undefined" ? globalThis : window);
