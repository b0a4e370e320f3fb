/* The tools with which an editor takes hold of units on the map: pick, lasso, brush, border, cut, pan.
   They tell what was taken and draw what they are told; what it means is the editor's business. Which
   map it is they do not know: its surface says where a place is, and draws. */
(function () {
  "use strict";

  const { isInside, touches, ringsOf, boxOf } = window.pianqu_map.geometry;
  const TOOLS = ["pick", "lasso", "brush", "border", "cut", "pan"];
  const CLOSE_PX = 4; // a press that moves less is a click
  const SVG = "http://www.w3.org/2000/svg";
  const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });
  /* told: { taken(units, how, tool), moving(units, how, tool), border(units, area, when), cut(path, when), points(),
     areaOf(unit) }; a path is of places; how is "only", "add" or "remove"; when is "hover", "moving" or "done". */
  class MapTools {
    constructor(view, told) {
      this.view = view;
      this.surface = view.surface();
      this.told = told;
      this.tool = "pick";
      this.size = 24;
      this.isOn = false;
      this.holding = null;
      this.last = null;
      this.cameFrom = null;
      this.isSpace = false;
      this.drawing = document.createElementNS(SVG, "svg");
      this.drawing.setAttribute("class", "tool-drawing");
      this.drawing.setAttribute("aria-hidden", "true");
      view.element.appendChild(this.drawing);
      const { element } = this.surface;
      element.addEventListener("pointerdown", (event) => this.down(event));
      element.addEventListener("pointermove", (event) => this.move(event));
      element.addEventListener("pointerleave", () => this.circle(null));
      window.addEventListener("pointerup", (event) => this.up(event));
      window.addEventListener("pointercancel", () => this.cancel());
    }

    /* Begin or end editing: the map's own outlines and clicks give way. `lookOf(unit)` is [colour, hatched]
       of a unit under the theme of areas. */
    turn(on, lookOf = null) {
      this.isOn = on;
      this.view.tools = on ? this : null;
      this.view.lookOf = on ? lookOf : null;
      this.surface.turn(on);
      this.hideAreas(on ? this.hiddenAreas || [] : []);
      this.view.showTheme();
      this.view.showLevel();
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
      this.surface.pan(!draws);
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
      const { left, top } = this.view.element.getBoundingClientRect();
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
      return path.map((point) => this.surface.unproject(point));
    }

    /* Units whose point is inside a lasso. */
    enclosed(path) {
      const box = boxOf([path]);
      return this.told.points().flatMap((place, unit) => {
        if (!place) return [];
        const [x, y] = this.surface.project(place);
        const near = x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3];
        return near && isInside([x, y], path) ? [unit] : [];
      });
    }

    /* Units a brush touches: near ones by their box, then by their outline. */
    touched(point) {
      const found = [];
      const corner = (dx, dy) => this.surface.unproject([point[0] + dx, point[1] + dy]);
      const { size } = this;
      const [west, south, east, north] = [...corner(-size, size), ...corner(size, -size)];
      for (const [unit, { rings, box }] of this.outlines()) {
        if (box[0] > east || box[2] < west || box[1] > north || box[3] < south) continue;
        const drawn = rings.map((ring) => ring.map((place) => this.surface.project(place)));
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

    /* A line of places across an area, or null for none. */
    drawLine(path) {
      this.surface.set("line", path && path.length > 1 ? [feature({ type: "LineString", coordinates: path }, {})] : []);
    }

    together() {
      if (this.surface.together) this.surface.together(); // the simple map draws as it goes
    }

    drawSelection(units) {
      this.surface.set("selection", this.shapesOf(units, {}));
    }

    /* marks: [[mark, units]] with mark "locked", "apart", "blamed" or "coming". */
    drawMarks(marks) {
      this.surface.set("marks", marks.flatMap(([mark, units]) => this.shapesOf(units, { mark })));
    }

    shapesOf(units, properties) {
      return units.flatMap((unit) => {
        const geometry = this.view.shapes.units.get(unit);
        return geometry ? [feature(geometry, properties)] : [];
      });
    }

    /* Outlines of areas that changed; the map's own outlines of them are not shown. */
    drawAreas(areas, hidden) {
      this.surface.set("areas", areas.map(({ geometry, fill, edge }) => feature(geometry, { fill, edge })));
      this.hideAreas(hidden);
    }

    hideAreas(hidden) {
      this.hiddenAreas = this.isOn ? hidden : this.hiddenAreas;
      const told = JSON.stringify(hidden);
      if (told === this.filtered) return;
      this.filtered = told;
      this.surface.hideAreas(hidden);
    }

    /* labels: [{ mark, place, text, short, rank }]. */
    drawLabels(labels) {
      this.surface.set("labels", labels.map(({ place, ...properties }) => feature({ type: "Point", coordinates: place }, properties)));
    }

    /* Lines from leaders to whom they lead. */
    drawSpokes(lines) {
      this.surface.set("spokes", lines.map((coordinates) => feature({ type: "LineString", coordinates }, {})));
    }

    goTo(units) {
      const places = units.map((unit) => this.told.points()[unit]).filter(Boolean);
      if (!places.length) return;
      this.surface.fit(boxOf([places]), { padding: 120, maxZoom: 15.5 });
    }
  }

  window.pianqu_map.MapTools = MapTools;
  window.pianqu_map.TOOLS = TOOLS;
})();
