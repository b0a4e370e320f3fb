/* Drawing on the map: an outline, its corners, a dividing line, a point, or something to pick.
   A Sketch belongs to one view and draws on its pad; it takes clicks while a tool is chosen and tells what was drawn.
   Enter or a double click ends, Backspace or Ctrl+Z takes the last point back, Esc leaves things as they were.
   Points snap to corners and edges of units within a few pixels; a passage snaps to barriers. */
(function () {
  "use strict";

  const SNAP_PX = 10;
  const LEAST = { polygon: 3, line: 2 };
  const CURSORS = { polygon: "crosshair", line: "crosshair", point: "crosshair", crossing: "crosshair", unit: "pointer" };
  const RADIUS_M = 6371008.8;
  const rad = (degrees) => (degrees * Math.PI) / 180;
  const digits = (value) => Number(value.toFixed(7));

  /* Square metres of a ring of degrees on the sphere; within 0.5 % of the projected area. */
  function areaOf(points) {
    if (points.length < 3) return 0;
    const lat0 = rad(points[0][1]);
    const flat = points.map(([lon, lat]) => [rad(lon - points[0][0]) * Math.cos(lat0) * RADIUS_M, rad(lat - points[0][1]) * RADIUS_M]);
    let twice = 0;
    flat.forEach(([x, y], k) => {
      const [u, v] = flat[(k + 1) % flat.length];
      twice += x * v - u * y;
    });
    return Math.abs(twice) / 2;
  }

  function lengthOf(points) {
    let sum = 0;
    for (let k = 1; k < points.length; k += 1) {
      const [a, b] = [points[k - 1], points[k]];
      const x = rad(b[0] - a[0]) * Math.cos(rad((a[1] + b[1]) / 2));
      sum += Math.hypot(x, rad(b[1] - a[1])) * RADIUS_M;
    }
    return sum;
  }

  function nearestOnSegment(p, a, b) {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const square = dx * dx + dy * dy;
    const t = square ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / square)) : 0;
    return { x: a.x + t * dx, y: a.y + t * dy };
  }

  const linesOf = ({ type, coordinates }) => ({
    Polygon: coordinates, MultiPolygon: (coordinates || []).flat(1), LineString: [coordinates], MultiLineString: coordinates,
  }[type] || []);

  class Sketch {
    constructor(view) {
      this.view = view;
      this.pad = view.pad();
      this.points = [];
      this.tool = null;
      this.told = 0;
      this.digits = digits;
      this.nearestOnSegment = nearestOnSegment;
      this.corners = new window.pianqu_map.Corners(this);
      this.bar = document.createElement("div");
      this.bar.className = "sketch-bar";
      this.bar.hidden = true;
      this.bar.setAttribute("role", "status");
      view.element.parentElement.append(this.bar);
      this.onKey = (event) => this.key(event);
      document.addEventListener("keydown", this.onKey, true);
      this.pad.whenZoomed(() => this.tool === "corners" && this.paint()); // middles show where there is room
      this.pad.whenDoubleClicked((event) => {
        if (!this.tool || !LEAST[this.tool]) return;
        event.preventDefault();
        this.finish();
      });
    }

    stop() {
      document.removeEventListener("keydown", this.onKey, true);
      this.corners.stop();
    }

    /* What the page asks for: {tool, shape, unit, words, n}; a shape is shown, a tool begins anew. The
       tool "corners" takes hold of the shape, snapping to every unit but the one at this position. */
    ask(sketch) {
      this.before = this.shown || null;
      this.tool = (sketch && sketch.tool) || null;
      this.own = sketch ? sketch.unit : undefined;
      this.words = (sketch && sketch.words) || {};
      this.points = [];
      this.shown = (sketch && sketch.shape) || null;
      this.corners.end();
      if (this.tool === "corners") this.corners.begin(this.shown);
      this.pad.take(this.tool !== null);
      this.view.hover(null);
      this.pad.cursor(CURSORS[this.tool] || "");
      this.paint();
      if (this.shown && sketch.fly) this.flyTo(this.shown);
    }

    flyTo(shape) {
      const flat = shape.type === "Point" ? [shape.coordinates] : linesOf(shape).flat(1);
      if (!flat.length) return;
      const bounds = [0, 1].flatMap((side) => [0, 1].map((k) => Math[side ? "max" : "min"](...flat.map((p) => p[k]))));
      this.pad.fit(bounds, { padding: 120, maxZoom: 17 });
    }

    /* True where the click was ours. */
    click(point, place) {
      if (!this.tool) return false;
      if (this.tool === "corners") return true;
      if (this.tool === "unit") return this.pick(point);
      if (this.tool === "crossing") return this.pickCrossing(point);
      const at = this.snapped(point, place);
      if (this.tool === "point") {
        this.points = [at];
        this.finish();
        return true;
      }
      const last = this.points[this.points.length - 1];
      if (last && last[0] === at[0] && last[1] === at[1]) return true; // the second half of a double click
      const first = this.points[0];
      if (this.tool === "polygon" && this.points.length >= 3 && at[0] === first[0] && at[1] === first[1]) {
        this.finish();
        return true;
      }
      this.points.push(at);
      this.paint();
      return true;
    }

    move(point, place) {
      if (this.tool === "corners") this.corners.hover(point);
      if (!this.tool || !LEAST[this.tool]) return;
      this.pointer = this.snapped(point, place);
      this.paint();
    }

    key(event) {
      if (!this.tool || event.target.closest("input, textarea, select, [contenteditable]")) return;
      if (!this.acted(event)) return;
      event.preventDefault();
      event.stopPropagation();
    }

    /* Whether a key was ours, and is done. */
    acted(event) {
      const isBack = event.key === "Backspace" || (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey));
      if (event.key === "Escape") this.cancel();
      else if (this.tool === "corners" && event.key === "Enter") this.finishCorners();
      else if (this.tool === "corners") return this.corners.key(event);
      else if (event.key === "Enter" && LEAST[this.tool] && this.points.length) this.finish();
      else if (isBack && this.points.length) this.back();
      else return false;
      return true;
    }

    back() {
      this.points.pop();
      this.paint();
    }

    cancel() {
      this.tell({ cancelled: true });
      this.ask({ shape: this.before });
    }

    finishCorners() {
      if (!this.corners.isChanged()) return this.cancel();
      const geometry = this.corners.geometry();
      this.tell({ geometry });
      return this.ask({ shape: geometry });
    }

    finish() {
      if (this.points.length < (LEAST[this.tool] || 1)) return;
      const rounded = this.points.map((point) => point.map(digits));
      const geometry = {
        polygon: () => ({ type: "Polygon", coordinates: [[...rounded, rounded[0]]] }),
        line: () => ({ type: "LineString", coordinates: rounded }),
        point: () => ({ type: "Point", coordinates: rounded[0] }),
      }[this.tool]();
      this.tell({ geometry });
      this.ask({ shape: geometry });
    }

    pick(point) {
      const { unit } = this.view.found([point.x, point.y]);
      if (unit !== null) this.tell({ unit });
      return true;
    }

    pickCrossing(point) {
      const crossing = this.pad.crossingAt(point);
      if (crossing !== null) this.tell({ crossing });
      return true;
    }

    tell(what) {
      this.told += 1;
      this.view.tell({ sketched: { tool: this.tool, ...what, n: this.told } });
    }

    /* Corner before edge; of units for outlines, of barriers for a passage. */
    snapped(point, place, corners = this.points) {
      const units = () => [...this.view.shapes.units].filter(([unit]) => unit !== this.own).map(([, shape]) => shape);
      const shapes = this.tool === "point" ? this.pad.barriers() : units();
      const reach = this.pad.unproject([point.x + SNAP_PX, point.y - SNAP_PX]);
      const [wide, high] = [Math.abs(reach.lng - place.lng), Math.abs(reach.lat - place.lat)];
      let best = null;
      const offer = (at, cost) => {
        if (cost <= SNAP_PX && (!best || cost < best.cost)) best = { at, cost };
      };
      const drawn = corners.map((p) => [p, p]);
      const sides = shapes.flatMap((shape) => linesOf(shape)).flatMap((line) => line.slice(1).map((b, k) => [line[k], b]));
      for (const [a, b] of [...drawn, ...sides]) {
        const away = (k, size, value) => Math.min(a[k], b[k]) - size > value || Math.max(a[k], b[k]) + size < value;
        if (away(0, wide, place.lng) || away(1, high, place.lat)) continue;
        const [p, q] = [this.pad.project(a), this.pad.project(b)];
        for (const [corner, at] of [[p, a], [q, b]]) offer(at, Math.hypot(corner.x - point.x, corner.y - point.y) * 0.6);
        const near = nearestOnSegment(point, p, q);
        const { lng, lat } = this.pad.unproject([near.x, near.y]);
        offer([lng, lat], Math.hypot(near.x - point.x, near.y - point.y));
      }
      return best ? best.at : [place.lng, place.lat];
    }

    paint() {
      const live = this.tool && this.pointer && this.points.length ? [...this.points, this.pointer] : this.points;
      const features = this.points.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }));
      if (live.length > 2 && this.tool === "polygon") {
        features.unshift({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...live, live[0]]] } });
      } else if (live.length > 1) {
        features.unshift({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: live } });
      }
      if (this.tool === "corners") features.push(...this.corners.features());
      else if (this.shown) features.push({ type: "Feature", properties: {}, geometry: this.shown });
      this.pad.show(features);
      this.tellBar(live);
    }

    tellBar(live) {
      this.bar.hidden = !this.tool;
      if (!this.tool) return;
      const number = (value) => Math.round(value).toLocaleString("en-US");
      const size = {
        polygon: () => (live.length > 2 ? number(areaOf(live)) + " " + (this.words.m2 || "") : ""),
        corners: () => number(this.corners.area(areaOf)) + " " + (this.words.m2 || ""),
        line: () => (live.length > 1 ? number(lengthOf(live)) + " " + (this.words.m || "") : ""),
      }[this.tool];
      this.bar.textContent = [size ? size() : "", this.words[this.tool] || ""].filter(Boolean).join(" · ");
    }
  }

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.Sketch = Sketch;
})();
