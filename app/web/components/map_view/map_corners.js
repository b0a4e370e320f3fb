/* Dragging the corners of an outline: a Sketch hands over while its tool is "corners".
   A corner is dragged, one is added by dragging an edge, Alt-click or Delete takes one away; arrow keys
   move the corner last touched, PageUp and PageDown go from one to the next. All rings are there: what
   is not touched stays as it was, to the last digit. */
(function () {
  "use strict";

  const NEAR_PX = 11;
  const LEAST_EDGE_PX = 24; // shorter edges show no middle
  const MOST_STEPS = 200;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const open = (ring) => ring.slice(0, -1);
  const closed = (ring) => [...ring, ring[0]];
  const feature = (type, coordinates, mark = null) => ({ type: "Feature", properties: { mark }, geometry: { type, coordinates } });

  class Corners {
    constructor(sketch) {
      this.sketch = sketch;
      this.pad = sketch.pad;
      this.rings = null;
      const { element } = this.pad;
      element.addEventListener("pointerdown", (event) => this.down(event), true);
      element.addEventListener("pointermove", (event) => this.move(event));
      this.onUp = () => this.up();
      window.addEventListener("pointerup", this.onUp);
      window.addEventListener("pointercancel", this.onUp);
    }

    stop() {
      window.removeEventListener("pointerup", this.onUp);
      window.removeEventListener("pointercancel", this.onUp);
    }

    /* A polygon or several, as GeoJSON. */
    begin({ type, coordinates }) {
      this.type = type;
      this.rings = (type === "Polygon" ? [coordinates] : coordinates).flatMap((polygon, part) => polygon.map((ring) => ({ part, points: open(ring) })));
      this.steps = [];
      this.at = null; // the corner last touched: [ring, corner]
      this.isHeld = false;
    }

    end() {
      this.up();
      this.rings = null;
    }

    geometry() {
      const parts = [];
      for (const { part, points } of this.rings) (parts[part] = parts[part] || []).push(closed(points));
      return this.type === "Polygon" ? { type: "Polygon", coordinates: parts[0] } : { type: "MultiPolygon", coordinates: parts };
    }

    isChanged() {
      return this.steps.length > 0;
    }

    /* Square metres within the outer rings, without the holes. */
    area(areaOf) {
      let before = -1;
      return this.rings.reduce((sum, { part, points }) => {
        const isHole = part === before;
        before = part;
        return sum + (isHole ? -1 : 1) * areaOf(points);
      }, 0);
    }

    pixel(event) {
      const { left, top } = this.sketch.view.element.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    }

    /* { ring, corner } near a point of the screen, or { ring, edge } where there is only an edge. */
    found(point) {
      let best = null;
      const offer = (told, cost) => {
        if (!best || cost < best.cost) best = { ...told, cost };
      };
      const away = (place) => Math.hypot(place.x - point.x, place.y - point.y);
      this.rings.forEach(({ points }, ring) => {
        const drawn = points.map((place) => this.pad.project(place));
        drawn.forEach((a, corner) => {
          if (away(a) <= NEAR_PX) offer({ ring, corner }, away(a));
          const b = drawn[(corner + 1) % drawn.length];
          if (Math.hypot(a.x - b.x, a.y - b.y) < LEAST_EDGE_PX) return;
          const side = away(this.sketch.nearestOnSegment(point, a, b));
          if (side <= NEAR_PX) offer({ ring, edge: corner }, NEAR_PX + side); // a corner comes before its edges
        });
      });
      return best;
    }

    keep() {
      this.steps.push(JSON.stringify(this.rings));
      if (this.steps.length > MOST_STEPS) this.steps.shift();
    }

    back() {
      const before = this.steps.pop();
      if (!before) return;
      this.rings = JSON.parse(before);
      this.at = null;
      this.sketch.paint();
    }

    down(event) {
      if (!this.rings || event.button !== 0) return;
      const hit = this.found(this.pixel(event));
      if (!hit) return;
      const { points } = this.rings[hit.ring];
      const corner = hit.corner ?? hit.edge + 1;
      this.at = [hit.ring, corner];
      if (event.altKey) {
        if (hit.corner !== undefined) this.remove();
        return;
      }
      this.pad.pan(false);
      this.isHeld = true;
      this.isNew = true; // the first movement is a step
      if (hit.corner === undefined) {
        this.keep();
        this.isNew = false;
        points.splice(corner, 0, middle(points[hit.edge], points[(hit.edge + 1) % points.length]));
      }
      this.sketch.paint();
    }

    move(event) {
      if (!this.isHeld) return;
      const { x, y } = this.pixel(event);
      if (this.isNew) this.keep();
      this.isNew = false;
      this.put(this.sketch.snapped({ x, y }, this.pad.unproject([x, y]), []));
    }

    put(place) {
      const [ring, corner] = this.at;
      this.rings[ring].points[corner] = place.map(this.sketch.digits);
      this.sketch.paint();
    }

    up() {
      if (!this.isHeld) return;
      this.isHeld = false;
      this.pad.pan(true);
    }

    /* The corner last touched goes; three stay. */
    remove() {
      if (!this.at || this.isHeld) return;
      const [ring, corner] = this.at;
      if (this.rings[ring].points.length <= 3) return;
      this.keep();
      this.rings[ring].points.splice(corner, 1);
      this.at = null;
      this.sketch.paint();
    }

    /* Whether a key was ours. */
    key(event) {
      if (event.key === "Delete" || event.key === "Backspace") this.remove();
      else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.back();
      else if (event.key === "PageDown" || event.key === "PageUp") this.next(event.key === "PageDown" ? 1 : -1);
      else if (ARROWS[event.key] && this.at) this.nudge(ARROWS[event.key], event.shiftKey ? 10 : 1);
      else return false;
      return true;
    }

    next(step) {
      const all = this.rings.flatMap(({ points }, ring) => points.map((_, corner) => [ring, corner]));
      const now = this.at ? all.findIndex(([ring, corner]) => ring === this.at[0] && corner === this.at[1]) : step > 0 ? -1 : 0;
      this.at = all[(now + step + all.length) % all.length];
      this.sketch.paint();
    }

    nudge([dx, dy], pixels) {
      const { x, y } = this.pad.project(this.rings[this.at[0]].points[this.at[1]]);
      const { lng, lat } = this.pad.unproject([x + dx * pixels, y + dy * pixels]);
      this.keep();
      this.put([lng, lat]);
    }

    hover(point) {
      const hit = this.found(point);
      this.pad.cursor(this.isHeld ? "grabbing" : hit ? (hit.corner === undefined ? "copy" : "grab") : "");
    }

    features() {
      const marks = this.rings.flatMap(({ points }, ring) => points.flatMap((place, corner) => {
        const next = points[(corner + 1) % points.length];
        const [a, b] = [place, next].map((one) => this.pad.project(one));
        const isActive = this.at !== null && this.at[0] === ring && this.at[1] === corner;
        const shown = [feature("Point", place, isActive ? "active" : "corner")];
        if (Math.hypot(a.x - b.x, a.y - b.y) >= LEAST_EDGE_PX) shown.unshift(feature("Point", middle(place, next), "middle"));
        return shown;
      }));
      const shape = this.geometry();
      return [feature(shape.type, shape.coordinates), ...marks];
    }
  }

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.Corners = Corners;
})();
