/* The tools with which an editor takes hold of units on the map: pick, lasso, brush, border, pan.
   They tell what was taken and draw what they are told; what it means is the editor's business. */
(function () {
  "use strict";

  const { isInside, touches, ringsOf, boxOf } = window.pianqu_map.geometry;
  const TOOLS = ["pick", "lasso", "brush", "border", "cut", "pan"];
  const BASE_AREAS = ["areas-tint", "areas-case", "areas-line"];
  const BASE_HIDDEN = ["areas-number", "anchors"];
  const CLOSE_PX = 4; // a press that moves less is a click
  const SVG = "http://www.w3.org/2000/svg";
  const empty = () => ({ type: "FeatureCollection", features: [] });
  const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });
  const is = (mark) => ["==", ["get", "mark"], mark];
  const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];

  const LAYERS = [
    { id: "edit-tint", source: "edit-areas", type: "fill", before: "units-fill",
      paint: { "fill-color": ["get", "fill"], "fill-opacity": 0.25, "fill-antialias": false } },
    { id: "edit-locked", source: "edit-marks", type: "fill", filter: is("locked"),
      paint: { "fill-pattern": "dots", "fill-opacity": 0.8 } },
    { id: "edit-apart", source: "edit-marks", type: "fill", filter: is("apart"),
      paint: { "fill-pattern": "cross", "fill-opacity": 0.9 } },
    { id: "edit-areas-case", source: "edit-areas", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-width": zoomed(10, 1.6, 14, 4.6), "line-opacity": 0.9 } },
    { id: "edit-areas-line", source: "edit-areas", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": ["get", "edge"], "line-width": zoomed(10, 1.2, 14, 3) } },
    { id: "edit-blamed", source: "edit-marks", type: "line", filter: ["in", ["get", "mark"], ["literal", ["apart", "blamed"]]],
      paint: { "line-color": "#7a2e00", "line-width": zoomed(10, 1.4, 15, 3), "line-dasharray": [2, 1.2] } },
    { id: "edit-coming", source: "edit-marks", type: "line", filter: is("coming"),
      paint: { "line-color": "#7a2e00", "line-width": 2.4, "line-dasharray": [1, 1] } },
    { id: "edit-pending-case", source: "edit-selection", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-width": 6 } },
    { id: "edit-pending", source: "edit-selection", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#000000", "line-width": 2.8 } },
    { id: "edit-line-case", source: "edit-line", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-width": 6 } },
    { id: "edit-line", source: "edit-line", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#0b4a86", "line-width": 2.6, "line-dasharray": [3, 1.5] } },
    { id: "edit-anchors", source: "edit-labels", type: "symbol", filter: is("anchor"), minzoom: 13,
      layout: { "text-field": "★", "text-size": zoomed(13, 14, 15, 20), "text-allow-overlap": true,
        "text-offset": [0, -1.1], "text-ignore-placement": true },
      paint: { "text-color": "#1d2b3a", "text-halo-color": "#ffffff", "text-halo-width": 1.6 } },
    { id: "edit-warned", source: "edit-labels", type: "symbol", filter: is("warned"), minzoom: 12,
      layout: { "text-field": "!", "text-size": zoomed(12, 14, 15, 20), "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": "#7a2e00", "text-halo-color": "#ffffff", "text-halo-width": 2.4 } },
    { id: "edit-numbers", source: "edit-labels", type: "symbol", filter: is("number"), minzoom: 11.7,
      layout: { "text-field": ["step", ["zoom"], ["get", "short"], 13.6, ["get", "text"]], "text-size": zoomed(11.7, 12, 14, 15),
        "text-padding": 1, "symbol-sort-key": ["get", "rank"] },
      paint: { "text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 2.4 } },
  ];

  /* told: { taken(units, how, tool), moving(units, how, tool), border(units, area, when), cut(path, when), points(),
     areaOf(unit) }; a path is of places; how is "only", "add" or "remove"; when is "hover", "moving" or "done". */
  class MapTools {
    constructor(view, told) {
      this.view = view;
      this.map = view.map;
      this.told = told;
      this.tool = "pick";
      this.size = 24;
      this.isOn = false;
      this.holding = null;
      this.last = null;
      this.cameFrom = null;
      this.isSpace = false;
      this.addLayers();
      this.drawing = document.createElementNS(SVG, "svg");
      this.drawing.setAttribute("class", "tool-drawing");
      this.drawing.setAttribute("aria-hidden", "true");
      view.element.appendChild(this.drawing);
      const canvas = this.map.getCanvasContainer();
      canvas.addEventListener("pointerdown", (event) => this.down(event));
      canvas.addEventListener("pointermove", (event) => this.move(event));
      canvas.addEventListener("pointerleave", () => this.circle(null));
      window.addEventListener("pointerup", (event) => this.up(event));
      window.addEventListener("pointercancel", () => this.cancel());
    }

    addLayers() {
      const { map } = this;
      map.addImage("cross", pattern(8, (x, y) => (x + y) % 8 < 2 || (x - y + 8) % 8 < 2, [90, 30, 0]));
      map.addImage("dots", pattern(8, (x, y) => x % 8 < 2 && y % 8 < 2, [20, 30, 40]));
      for (const source of ["edit-selection", "edit-marks", "edit-areas", "edit-line", "edit-labels"]) {
        map.addSource(source, { type: "geojson", data: empty(), tolerance: 0.3 });
      }
      for (const { before, ...layer } of LAYERS) map.addLayer(layer, before);
      this.show(false);
    }

    show(on) {
      for (const { id } of LAYERS) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    }

    /* Begin or end editing: the map's own outlines and clicks give way. `paint` changes the state of
       each unit under the theme of areas. */
    turn(on, paint = null) {
      this.isOn = on;
      this.view.tools = on ? this : null;
      this.view.working = on ? paint : null;
      this.show(on);
      for (const id of BASE_HIDDEN) {
        if (this.map.getLayer(id)) this.map.setPaintProperty(id, "text-opacity", on ? 0 : 1);
      }
      this.hideAreas(on ? this.hiddenAreas || [] : []);
      this.view.showTheme();
      this.map.boxZoom[on ? "disable" : "enable"]();
      this.choose(this.tool);
    }

    choose(tool) {
      if (!TOOLS.includes(tool)) return;
      this.cancel();
      this.tool = tool;
      this.adapt();
    }

    /* Space held down pans whatever the tool. */
    hold(isSpace) {
      if (this.isSpace === isSpace) return;
      this.isSpace = isSpace;
      this.adapt();
    }

    adapt() {
      const draws = this.isOn && !this.isSpace && ["lasso", "brush", "border", "cut"].includes(this.tool);
      this.map.dragPan[draws ? "disable" : "enable"]();
      this.view.element.dataset.tool = this.isOn ? (this.isSpace ? "pan" : this.tool) : "";
      if (!draws || this.tool !== "brush") this.circle(null);
    }

    resize(step) {
      this.size = Math.max(6, Math.min(120, this.size + step));
      if (this.last && this.tool === "brush") this.circle(this.last);
      return this.size;
    }

    cancel() {
      const held = this.letGo();
      return held !== null;
    }

    letGo() {
      const held = this.holding;
      this.holding = null;
      this.drawing.replaceChildren();
      delete this.view.element.dataset.holding; // the card of a unit stays away meanwhile
      return held;
    }

    at(event) {
      const { left, top } = this.map.getCanvas().getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    }

    how(event) {
      if (event.altKey) return "remove";
      return event.shiftKey ? "add" : "only";
    }

    unitAt(point) {
      return this.view.found(point).unit;
    }

    down(event) {
      if (!this.isOn || event.button !== 0 || this.isSpace || this.tool === "pan") return;
      const point = this.at(event);
      this.holding = { start: point, path: [point], units: new Set(), how: this.how(event), moved: false };
      this.view.element.dataset.holding = this.tool;
      if (this.tool === "brush") this.brush(point);
      if (this.tool === "border") this.holding.area = this.areaAt(point);
      if (this.tool !== "pick") event.target.setPointerCapture?.(event.pointerId);
    }

    move(event) {
      if (!this.isOn || this.isSpace) return;
      this.last = this.at(event);
      if (this.tool === "brush") this.circle(this.last);
      if (this.isWaiting) return;
      this.isWaiting = true;
      window.requestAnimationFrame(() => {
        this.isWaiting = false;
        this.moved(this.last);
      });
    }

    moved(point) {
      const held = this.holding;
      if (!held) {
        if (this.tool === "border") this.track(point);
        return;
      }
      held.moved = held.moved || Math.hypot(point[0] - held.start[0], point[1] - held.start[1]) > CLOSE_PX;
      if (!held.moved) return;
      if (this.tool === "lasso") {
        held.path.push(point);
        this.line(held.path);
        held.units = new Set(this.enclosed(held.path));
        this.told.moving([...held.units], held.how, this.tool);
      } else if (this.tool === "cut") {
        held.path.push(point);
        this.told.cut(this.places(held.path), "moving");
      } else if (this.tool === "brush") {
        this.brush(point);
      } else if (this.tool === "border" && held.area !== null && held.area >= 0) {
        const unit = this.unitAt(point);
        if (unit !== null && this.told.areaOf(unit) !== held.area && !held.units.has(unit)) {
          held.units.add(unit);
          this.told.border([...held.units], held.area, "moving");
        }
      }
    }

    up(event) {
      const held = this.letGo();
      if (!held) return;
      if (this.tool === "pick") {
        const point = this.at(event);
        if (Math.hypot(point[0] - held.start[0], point[1] - held.start[1]) > CLOSE_PX) return; // it was a pan
        const unit = this.unitAt(point);
        if (unit !== null || held.how === "only") this.told.taken(unit === null ? [] : [unit], held.how, "pick");
      } else if (this.tool === "border") {
        if (held.moved) this.told.border([...held.units], held.area, "done");
        else this.flip(held.start);
      } else if (this.tool === "lasso" || this.tool === "cut") {
        if (held.moved && this.tool === "cut") this.told.cut(this.places([...held.path, this.at(event)]), "done");
        else if (held.moved) this.told.taken(this.enclosed(held.path), held.how, "lasso");
        else this.told.taken([this.unitAt(held.start)].filter((unit) => unit !== null), held.how, "pick");
      } else {
        this.told.taken([...held.units], held.how, "brush");
      }
    }

    /* A click at a border: the unit joins the area the pointer came from. */
    flip(point) {
      const unit = this.unitAt(point);
      if (unit !== null) this.told.border([unit], this.cameFrom, "done");
    }

    track(point) {
      const unit = this.unitAt(point);
      if (unit === null || unit === this.over) return;
      const before = this.over !== undefined && this.over !== null ? this.told.areaOf(this.over) : null;
      this.over = unit;
      if (before !== null && before !== this.told.areaOf(unit)) this.cameFrom = before;
      this.told.border([unit], this.cameFrom, "hover");
    }

    areaAt(point) {
      const unit = this.unitAt(point);
      return unit === null ? null : this.told.areaOf(unit);
    }

    brush(point) {
      const held = this.holding;
      const before = held.units.size;
      for (const unit of this.touched(point)) held.units.add(unit);
      if (held.units.size !== before) this.told.moving([...held.units], held.how, this.tool);
    }

    places(path) {
      return path.map((point) => this.map.unproject(point)).map(({ lng, lat }) => [lng, lat]);
    }

    /* Units whose point is inside a lasso. */
    enclosed(path) {
      const box = boxOf([path]);
      return this.told.points().flatMap((place, unit) => {
        if (!place) return [];
        const { x, y } = this.map.project(place);
        const near = x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3];
        return near && isInside([x, y], path) ? [unit] : [];
      });
    }

    /* Units a brush touches: near ones by their box, then by their outline. */
    touched(point) {
      const found = [];
      const corner = (dx, dy) => this.map.unproject([point[0] + dx, point[1] + dy]);
      const { size } = this;
      const [west, south, east, north] = [corner(-size, size), corner(size, -size)].flatMap((place) => [place.lng, place.lat]);
      for (const [unit, { rings, box }] of this.outlines()) {
        if (box[0] > east || box[2] < west || box[1] > north || box[3] < south) continue;
        const drawn = rings.map((ring) => ring.map((place) => {
          const { x, y } = this.map.project(place);
          return [x, y];
        }));
        if (drawn.some((ring) => touches(point, size, ring))) found.push(unit);
      }
      return found;
    }

    outlines() {
      if (!this.known && this.view.shapes.units.size) {
        this.known = new Map([...this.view.shapes.units].map(([unit, geometry]) => {
          const rings = ringsOf(geometry);
          return [unit, { rings, box: boxOf(rings) }];
        }));
      }
      return this.known || new Map();
    }

    circle(point) {
      const old = this.drawing.querySelector("circle");
      if (!point) {
        if (old) old.remove();
        return;
      }
      const ring = old || this.drawing.appendChild(document.createElementNS(SVG, "circle"));
      ring.setAttribute("cx", point[0]);
      ring.setAttribute("cy", point[1]);
      ring.setAttribute("r", this.size);
    }

    line(path) {
      const old = this.drawing.querySelector("polygon");
      const shape = old || this.drawing.appendChild(document.createElementNS(SVG, "polygon"));
      shape.setAttribute("points", path.map((point) => point.join(",")).join(" "));
    }

    /* ---- what the editor has drawn ---- */

    set(source, features) {
      this.map.getSource(source).setData({ type: "FeatureCollection", features });
    }

    /* A line of places across an area, or null for none. */
    drawLine(path) {
      this.set("edit-line", path && path.length > 1 ? [feature({ type: "LineString", coordinates: path }, {})] : []);
    }

    drawSelection(units) {
      this.set("edit-selection", this.shapesOf(units, {}));
    }

    /* marks: [[mark, units]] with mark "locked", "apart", "blamed" or "coming". */
    drawMarks(marks) {
      this.set("edit-marks", marks.flatMap(([mark, units]) => this.shapesOf(units, { mark })));
    }

    shapesOf(units, properties) {
      return units.flatMap((unit) => {
        const geometry = this.view.shapes.units.get(unit);
        return geometry ? [feature(geometry, properties)] : [];
      });
    }

    /* Outlines of areas that changed; the map's own outlines of them are not shown. */
    drawAreas(areas, hidden) {
      this.set("edit-areas", areas.map(({ geometry, fill, edge }) => feature(geometry, { fill, edge })));
      this.hideAreas(hidden);
    }

    hideAreas(hidden) {
      this.hiddenAreas = this.isOn ? hidden : this.hiddenAreas;
      const filter = hidden.length ? ["!", ["in", ["id"], ["literal", hidden]]] : null;
      const told = JSON.stringify(filter);
      if (told === this.filtered) return;
      this.filtered = told;
      for (const id of BASE_AREAS) if (this.map.getLayer(id)) this.map.setFilter(id, filter);
    }

    /* labels: [{ mark, place, text, short, rank }]. */
    drawLabels(labels) {
      this.set("edit-labels", labels.map(({ place, ...properties }) => feature({ type: "Point", coordinates: place }, properties)));
    }

    goTo(units) {
      const places = units.map((unit) => this.told.points()[unit]).filter(Boolean);
      if (!places.length) return;
      const [west, south, east, north] = boxOf([places]);
      this.map.fitBounds([west, south, east, north], { padding: 120, maxZoom: 15.5, duration: 0 });
    }
  }

  function pattern(size, isOn, [r, g, b]) {
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) data.set([r, g, b, isOn(x, y) ? 220 : 0], 4 * (y * size + x));
    }
    return { width: size, height: size, data };
  }

  window.pianqu_map.MapTools = MapTools;
  window.pianqu_map.TOOLS = TOOLS;
})();
