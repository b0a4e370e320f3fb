/* The map where WebGL2 is missing: Leaflet on a canvas, with the same properties in and out as the
   other. Communities, areas, streets and barriers; no buildings. Nothing is fetched but our own files. */
(function () {
  "use strict";

  const { View, unitPaint, loadScript, loadStylesheet, getJson, LATER, geometry: { isInside, touches, ringsOf, boxOf } } = window.pianqu_map;
  const KINDS = ["units", "dots", "areas", "area_points", "anchors", "spokes", "led_points", "streets", "barriers", "crossings", "places", "place_points"];
  const LINES = { // colour, width, dash of what is not of the theme
    railway: ["#2b2f36", 2.6, "8 5"], expressway: ["#8a5a1e", 3.4], arterial: ["#c9b68f", 1.8], river: ["#74aede", 4],
    canal: ["#74aede", 4], factory_wall: ["#5d5348", 1.4, "2 3"], closed_park: ["#5d5348", 1.4, "2 3"],
  };
  const MARKS = {
    hovered: [{ color: "#1d2b3a", weight: 2.2 }],
    selected: [{ color: "#ffffff", weight: 7 }, { color: "#000000", weight: 3.2 }],
    found: [{ color: "#ffffff", weight: 7 }, { color: "#0b63b0", weight: 3, dashArray: "8 4" }],
    counted: [{ color: "#000000", weight: 2, dashArray: "5 3" }],
  };
  const NUMBERS_FROM = 13; // zoom at which an area's number has room
  const LEADERS_FROM = 13.5; // zoom from which areas are large enough for what is inside them
  const SPOKE = { color: "#123f66", weight: 2, dashArray: "1 5", interactive: false };
  const LED = { radius: 3.4, color: "#ffffff", weight: 1, fillColor: "#123f66", fillOpacity: 1, interactive: false };
  const UNLED = { radius: 4, color: "#b3401c", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false };
  const LATER_LOOKS = {
    sites: ({ properties: { chosen } }) => ({ color: "#8f2d63", weight: 1.4, fillColor: chosen ? "#CC79A7" : "#ffffff", fillOpacity: 0.85 }),
    edges: ({ properties: { allowed } }) => (allowed ? { color: "#0a5d8f", weight: 3 } : { color: "#b3261e", weight: 2.4, dashArray: "6 4" }),
  };
  const DRAWN = { color: "#0a5d8f", weight: 3, fillOpacity: 0.13 };
  const BUILT = { color: "#ffffff", weight: 2, fillColor: "#3c1e5c", fillOpacity: 0.9 };
  const POINTED = ["units", "dots", ...LATER]; // what has a card
  const EDGES_FROM = 12.5; // zoom at which there is room for lines between neighbours
  const CROSSINGS_FROM = 12.5; // zoom at which they are apart
  const NEAR_PX = 5; // a click beside a small building means it
  const DOTS_UNTIL = 15; // zoom from which a single building is seen by its outline
  const DOT_STOPS = [[9, 0.9], [12, 2], [14.9, 4]]; // zoom, radius

  const ofUnit = (feature) => ({ unit: feature.id, area: feature.properties.area ?? null });

  class LiteView extends View {
    async start() {
      const { vendor } = this.props;
      try {
        loadStylesheet(vendor + "leaflet/leaflet.css");
        const wanted = KINDS.filter((name) => this.props.sources[name]);
        const [values, , ...files] = await Promise.all([
          getJson(this.props.values_url),
          window.L ? null : loadScript(vendor + "leaflet/leaflet.js"),
          ...wanted.map((name) => getJson(this.props.sources[name])),
        ]);
        if (this.gone) return undefined;
        this.base = values;
        this.takeValues();
        this.data = Object.fromEntries(wanted.map((name, k) => [name, files[k]]));
        this.build();
      } catch (error) {
        this.refuse(this.props.words.failed + " " + error.message);
      }
      return undefined;
    }

    build() {
      const { L } = window;
      const { words } = this.props;
      const map = L.map(this.element, { preferCanvas: true, attributionControl: false, zoomControl: false, zoomSnap: 0.5, fadeAnimation: false });
      this.leaflet = map;
      this.element.mapView = this;
      this.element.setAttribute("aria-label", words.locale["Map.Title"]);
      this.element.setAttribute("role", "region");
      this.element.tabIndex = 0;
      L.control.zoom({
        position: "bottomright", zoomInTitle: words.locale["NavigationControl.ZoomIn"],
        zoomOutTitle: words.locale["NavigationControl.ZoomOut"],
      }).addTo(map);
      scaleBar(words.locale).addTo(map);
      const [west, south, east, north] = this.props.opens_on || this.props.bounds;
      map.fitBounds([[south, west], [north, east]], { padding: [16, 16] });
      const kept = window.pianqu_map.keptPlace(this);
      if (kept) this.goTo(kept);
      window.pianqu_map.base.addLite(this, loadScript);
      this.pen = L.canvas({ padding: 0.2, tolerance: 3 });
      this.penOnTop = this.penAbove("on-top", 460);
      this.layers = {};
      this.painted = [];
      this.isBegun = true; // everything is here from the start
      this.shapes = { units: this.shapesOf("units"), areas: this.shapesOf("areas"), places: this.shapesOf("places") };
      this.addGround();
      this.layers.tint = this.geojson("areas", () => ({ stroke: false, fillOpacity: 0 }), (feature) => ({ unit: null, area: feature.id }));
      this.layers.units = this.geojson("units", (feature) => this.unitStyle(feature), ofUnit);
      this.layers.outlines = this.geojson("areas", () => ({ fill: false, color: "#1d2b3a", weight: 1.6, interactive: false }));
      this.layers.dots = this.geojson("dots", (feature) => this.dotStyle(feature), ofUnit);
      for (const name of LATER) this.layers[name] = L.layerGroup();
      const byId = (name) => new Map(this.layers[name].getLayers().map((layer) => [layer.feature.id, layer]));
      this.unitLayers = byId("units");
      this.dotLayers = byId("dots");
      this.marks = L.layerGroup().addTo(map);
      this.drawnLayer = L.layerGroup().addTo(map);
      map.on("click", (event) => this.told({}, event));
      map.on("zoomend moveend", () => this.showNumbers());
      map.on("zoomend moveend", () => this.showLeaders());
      map.on("zoomend moveend", () => this.showCrossings());
      map.on("zoomend", () => this.showLevel());
      map.on("zoomend", () => this.showEdges());
      map.on("zoomend", () => this.showDots());
      map.on("mousemove", ({ containerPoint, latlng }) => this.sketch.move(containerPoint, latlng));
      this.observer = new ResizeObserver(() => map.invalidateSize({ animate: false }));
      this.observer.observe(this.element);
      this.showTheme();
      this.showGroups();
      this.shownLevel = this.level();
      this.select();
      this.note();
      this.sketch = new window.pianqu_map.Sketch(this);
      map.on("movestart", () => this.hover(null)); // gone from under the pointer
      this.element.dataset.ready = "lite";
      this.tell({ ready: { ms: Math.round(performance.now() - this.started), webgl: false, renderer: "leaflet" } });
      this.element.dispatchEvent(new CustomEvent("pianqu-map", { bubbles: true })); // tools may be attached now
      getJson(this.props.cards_url).then((cards) => { this.cards = cards; });
    }

    /* Said where the reader looks: which map this is, and why. */
    note() {
      const note = document.createElement("div");
      note.className = this.props.base_map ? "lite-note above-credit" : "lite-note";
      note.setAttribute("role", "note");
      const address = new URL(window.location.href);
      address.searchParams.set("lite", "0");
      const back = document.createElement("a");
      back.href = address.href;
      back.textContent = this.props.words.lite_back;
      note.append(this.props.words.lite, ...(window.pianqu_map.hasWebgl() ? [" ", back] : []));
      this.element.append(note);
    }

    shapesOf(name) {
      return new Map((this.data[name] ? this.data[name].features : []).map((feature) => [feature.id, feature.geometry]));
    }

    geojson(name, style, meaning) {
      if (!this.data[name]) return window.L.layerGroup();
      return window.L.geoJSON(this.data[name], {
        style, renderer: this.pen,
        pointToLayer: (_, at) => window.L.circleMarker(at, { renderer: this.pen }),
        onEachFeature: meaning && ((feature, layer) => {
          layer.on("click", (event) => {
            window.L.DomEvent.stopPropagation(event);
            this.told(meaning(feature, event.containerPoint), event);
          });
          if (!POINTED.includes(name)) return;
          const { card = null } = feature.properties;
          layer.on("mouseover mousemove", (event) => this.hover(card ? null : feature.id, event.containerPoint, card));
          layer.on("mouseout", () => this.hover(null));
        }),
      });
    }

    addGround() {
      const line = (feature) => {
        const [color, weight, dashArray] = LINES[feature.properties.kind] || ["#999999", 1];
        const isGround = /Polygon/.test(feature.geometry.type);
        const water = /river|canal/.test(feature.properties.kind);
        return isGround
          ? { stroke: !water, color, weight: 1, dashArray, fill: true, fillColor: water ? "#a8cdea" : "#cfc9c0", fillOpacity: 0.8, interactive: false }
          : { color, weight, dashArray, interactive: false };
      };
      this.layers.barriers = this.geojson("barriers", line);
      this.layers.streets = this.geojson("streets", () => ({ color: "#6a4c93", weight: 1.4, dashArray: "7 3 2 3", fill: false, interactive: false }));
    }

    told(meant, event) {
      if (this.tools) return; // a click is theirs
      const point = this.leaflet.mouseEventToContainerPoint(event.originalEvent); // that of the event is the middle of a dot
      const { lat, lng } = this.leaflet.containerPointToLatLng(point);
      if (this.sketch.click(point, { lat, lng })) return;
      this.clicks += 1;
      this.tell({ click: { unit: null, area: null, pair: null, site: null, ...meant, lon: lng, lat, n: this.clicks } });
    }

    surface() {
      return new window.pianqu_map.LiteSurface(this);
    }

    pad() {
      return new window.pianqu_map.LitePad(this);
    }

    /* A canvas above those of the map that lets the pointer through. */
    penAbove(name, zIndex) {
      const pane = this.leaflet.createPane(name);
      pane.style.zIndex = zIndex;
      pane.style.pointerEvents = "none";
      return window.L.canvas({ pane: name, padding: 0.2 });
    }

    /* The unit at a point of the map: a dot, the topmost outline, else one beside it. */
    found(point) {
      const dot = this.hasDots() && [...this.dotLayers.values()].reverse().find((layer) => {
        const { x, y } = this.leaflet.latLngToContainerPoint(layer.getLatLng());
        return Math.hypot(point[0] - x, point[1] - y) <= this.dotRadius() + 1;
      });
      if (dot) return { unit: dot.feature.id };
      const { lat, lng } = this.leaflet.containerPointToLatLng(point);
      const reach = Math.abs(this.leaflet.containerPointToLatLng([point[0] + NEAR_PX, point[1]]).lng - lng);
      this.boxes = this.boxes || [...this.shapes.units].map(([id, geometry]) => [id, geometry, boxOf(ringsOf(geometry))]).reverse();
      const around = this.boxes.filter(([, , box]) => lng >= box[0] - reach && lng <= box[2] + reach && lat >= box[1] - reach && lat <= box[3] + reach);
      const hit = around.find(([, geometry]) => holds(geometry, [lng, lat])) || around.find(([, geometry]) => ringsOf(geometry).some(
        (ring) => touches(point, NEAR_PX, ring.map(([lon, north]) => {
          const { x, y } = this.leaflet.latLngToContainerPoint([north, lon]);
          return [x, y];
        })),
      ));
      return { unit: hit ? hit[0] : null };
    }

    hover(unit, place, card = null) {
      if (this.sketch.tool && place) return;
      if (unit !== this.hovered || card !== this.hoveredCard) {
        Object.assign(this, { hovered: unit, hoveredCard: card });
        this.mark();
        this.fillCard(this.cardOf(unit, card));
      }
      if (!this.card.hidden && place) this.placeCard(place);
    }

    zoom() {
      return this.leaflet.getZoom() - 1; // its tiles are half as large
    }

    /* What the legend explains: all there is. */
    draws() {
      return true;
    }

    /* Streets give way to units, and come back, while the reader zooms. */
    showLevel() {
      const level = this.level();
      if (level === this.shownLevel) return;
      this.shownLevel = level;
      this.places.tell();
      this.showPlaces();
      this.showGroups();
    }

    /* A canvas takes a pattern where it takes a colour. */
    hatched(fill) {
      this.patterns = this.patterns || {};
      if (!this.patterns[fill]) {
        const tile = Object.assign(document.createElement("canvas"), { width: 9, height: 9 });
        const pen = tile.getContext("2d");
        pen.fillStyle = fill;
        pen.fillRect(0, 0, 9, 9);
        pen.strokeStyle = "#57626e";
        pen.lineWidth = 1.4;
        pen.beginPath();
        for (const shift of [-9, 0, 9]) { pen.moveTo(shift, 9); pen.lineTo(shift + 9, 0); }
        pen.stroke();
        this.patterns[fill] = pen.createPattern(tile, "repeat");
      }
      return this.patterns[fill];
    }

    unitStyle(feature) {
      const { f, h, d } = this.painted[feature.id] || { f: "#dfe2e6", h: 0, d: 0 };
      return {
        color: "#44505e", weight: feature.properties.single ? 1.4 : 0.6, opacity: d ? 0.35 : 0.9,
        fillColor: h ? this.hatched(f) : f, fillOpacity: d ? 0.06 : this.props.base_map ? 0.55 : 0.88,
        dashArray: feature.properties.estimated ? "4 4" : null,
      };
    }

    hasDots() {
      return this.level() === "unit" && this.props.visible.includes("units") && this.leaflet.getZoom() < DOTS_UNTIL;
    }

    dotRadius() {
      const zoom = this.leaflet.getZoom();
      const next = DOT_STOPS.findIndex(([stop]) => stop > zoom);
      if (next < 1) return DOT_STOPS.at(next)[1]; // before the first, or after the last
      const [[from, small], [to, large]] = DOT_STOPS.slice(next - 1, next + 1);
      return small + ((zoom - from) / (to - from)) * (large - small);
    }

    dotStyle(feature) {
      const { color, fillColor, opacity, fillOpacity } = this.unitStyle(feature);
      return { color, fillColor, opacity: opacity > 0.5 ? 1 : 0.2, fillOpacity: fillOpacity > 0.5 ? 1 : fillOpacity, weight: 0.8, radius: this.dotRadius() };
    }

    /* Single buildings of a whole city are too small for their outlines: above all else, but for marks. */
    showDots() {
      const { dots } = this.layers;
      dots.remove();
      if (this.hasDots()) {
        dots.addTo(this.leaflet);
        this.dotLayers.forEach((layer) => layer.setStyle(this.dotStyle(layer.feature)));
      }
      this.mark();
    }

    showTheme() {
      if (!this.leaflet) return;
      const theme = this.ofTheme(this.values.themes);
      if (!theme) return;
      const states = unitPaint(theme, this.dimmed(), this.props.theme === "areas" ? this.lookOf : null);
      const before = this.painted;
      this.painted = states;
      states.forEach((state, id) => {
        const was = before[id];
        if (was && was.f === state.f && was.h === state.h && was.d === state.d) return;
        const [layer, dot] = [this.unitLayers.get(id), this.dotLayers.get(id)];
        if (layer) layer.setStyle(this.unitStyle(layer.feature));
        if (dot) dot.setStyle(this.dotStyle(dot.feature));
      });
      this.showPlaces();
      this.showNumbers();
      this.showLeaders();
    }

    showPlaces() {
      const { L } = window;
      if (this.placeLayer) this.placeLayer.remove();
      const level = this.level();
      this.places.tell();
      if (level === "unit") return;
      const rows = this.ofTheme(this.values.places);
      const hidden = new Set(this.dimmed().fills);
      const shapes = L.geoJSON(this.data.places, {
        filter: (feature) => feature.properties.level === level, renderer: this.pen, interactive: false,
        style: (feature) => {
          const [fill, bare] = rows[feature.id];
          return { color: "#1d2b3a", weight: 1.6, fillColor: bare ? this.hatched(fill) : fill, fillOpacity: hidden.has(fill) ? 0.06 : 0.86 };
        },
      });
      const names = this.data.place_points.features.filter((feature) => feature.properties.level === level)
        .map((feature) => this.label(feature.geometry.coordinates, [feature.properties.name, rows[feature.id][2]]));
      this.placeLayer = L.layerGroup([shapes, ...names]).addTo(this.leaflet);
    }

    /* Text only: names come from files and are never read as HTML. */
    label([lon, lat], lines, mark = "") {
      const box = document.createElement("span");
      lines.filter(Boolean).forEach((line) => {
        const row = document.createElement("span");
        row.textContent = line;
        box.append(row);
      });
      const icon = window.L.divIcon({ className: "lite-label " + mark, html: box, iconSize: null });
      return window.L.marker([lat, lon], { icon, interactive: false, keyboard: false });
    }

    showNumbers() {
      if (this.numbers) this.numbers.remove();
      const wanted = !this.tools && this.props.visible.includes("areas") && this.level() === "unit" && this.leaflet.getZoom() >= NUMBERS_FROM;
      if (!wanted || !this.data.area_points) return;
      const labels = this.seen("area_points").map((feature) => this.label(feature.geometry.coordinates, [feature.properties.number]));
      this.numbers = window.L.layerGroup(labels).addTo(this.leaflet);
    }

    /* Stars, spokes and who is led by nobody, of what is seen: each star is a piece of the page. */
    showLeaders() {
      if (this.leaders) this.leaders.remove();
      const wanted = !this.tools && this.props.visible.includes("areas") && this.level() === "unit" && this.leaflet.getZoom() >= LEADERS_FROM;
      if (!wanted || !this.data.anchors) return;
      const { L } = window;
      const spokes = this.data.spokes ? [L.geoJSON(this.data.spokes, { style: SPOKE, interactive: false, renderer: this.penOnTop })] : [];
      const ends = this.data.led_points ? this.seen("led_points").map(({ geometry: { coordinates: [lon, lat] }, properties }) => (
        L.circleMarker([lat, lon], { ...(properties.is_led ? LED : UNLED), renderer: this.penOnTop })
      )) : [];
      const stars = this.seen("anchors").map((feature) => this.label(feature.geometry.coordinates, ["★"], "lite-star"));
      this.leaders = L.layerGroup([...spokes, ...ends, ...stars]).addTo(this.leaflet);
    }

    /* Points of a file that are seen: each label is a piece of the page. */
    seen(name) {
      const box = this.leaflet.getBounds();
      return this.data[name].features.filter(({ geometry: { type, coordinates } }) => type === "Point" && box.contains([coordinates[1], coordinates[0]]));
    }

    shownCrossings() {
      const isShown = this.data.crossings && this.props.visible.includes("barriers") && this.leaflet.getZoom() >= CROSSINGS_FROM;
      return isShown ? this.seen("crossings") : [];
    }

    showCrossings() {
      if (this.crossings) this.crossings.remove();
      const labels = this.shownCrossings().map(({ geometry }) => this.label(geometry.coordinates, ["\u25c6"], "lite-crossing"));
      this.crossings = window.L.layerGroup(labels).addTo(this.leaflet);
    }

    showGroups() {
      if (!this.leaflet) return;
      const visible = new Set(this.props.visible);
      const isUnit = this.level() === "unit";
      const wanted = [
        ["barriers", visible.has("barriers")], ["tint", isUnit && visible.has("areas")], ["units", isUnit && visible.has("units")],
        ["streets", isUnit && visible.has("streets")], ["sites", visible.has("sites")], ["outlines", isUnit && visible.has("areas")],
      ];
      for (const name of LATER) if (visible.has(name)) this.loadLater(name);
      for (const [name] of wanted) this.layers[name].remove();
      for (const [name, on] of wanted) if (on) this.layers[name].addTo(this.leaflet);
      this.showEdges();
      this.showDots();
      this.showNumbers();
      this.showLeaders();
      this.showCrossings();
    }

    takeLater(name, data) {
      this.data[name] = data;
      const meanings = {
        sites: (feature, { x, y }) => ({ ...this.unitAt([x, y]), site: feature.properties.site_id }),
        edges: (feature) => ({ pair: feature.properties.pair }),
      };
      this.layers[name] = this.geojson(name, LATER_LOOKS[name], meanings[name]);
      this.showGroups();
    }

    unitAt(point) {
      const { unit } = this.found(point);
      return unit === null ? {} : ofUnit(this.unitLayers.get(unit).feature);
    }

    showEdges() {
      const { edges } = this.layers;
      edges.remove();
      if (this.props.visible.includes("edges") && this.leaflet.getZoom() >= EDGES_FROM) edges.addTo(this.leaflet);
    }

    showCounted() {
      this.mark();
    }

    mark() {
      if (!this.leaflet) return;
      this.marks.clearLayers();
      const wanted = [
        ...((this.props.counted && this.props.counted.units) || []).map((id) => ["units", id, "counted"]),
        ["places", this.sought, "found"], ["units", this.hovered, "hovered"], ["areas", this.selected.area, "selected"], ["units", this.selected.unit, "selected"],
      ];
      for (const [name, id, mark] of wanted) {
        const geometry = this.shapes[name].get(id);
        if (!geometry) continue;
        for (const look of MARKS[mark]) {
          this.marks.addLayer(window.L.geoJSON(geometry, { style: { ...look, fill: false }, interactive: false, renderer: this.pen }));
        }
      }
    }

    select() {
      this.selected = this.props.selected || { area: null, unit: null };
      this.sought = undefined;
      this.mark();
    }

    fly() {
      if (!this.props.fly || !this.leaflet) return;
      this.sought = this.props.fly.place;
      this.mark();
      const [west, south, east, north] = this.props.fly.bounds;
      this.leaflet.fitBounds([[south, west], [north, east]], { padding: [60, 60], maxZoom: 17, animate: false });
    }

    bounds() {
      if (!this.leaflet) return null;
      const seen = this.leaflet.getBounds();
      const [west, south, east, north] = this.props.bounds;
      const all = seen.contains([[south, west], [north, east]]);
      return all ? null : [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()];
    }

    where() {
      if (!this.leaflet) return null;
      const { lng, lat } = this.leaflet.getCenter();
      return { center: [lng, lat], zoom: this.leaflet.getZoom() };
    }

    goTo({ center: [lon, lat], zoom }) {
      if (this.leaflet) this.leaflet.setView([lat, lon], zoom, { animate: false });
    }

    whenMoved(follow) {
      this.leaflet.on("move", follow);
      return () => this.leaflet.off("move", follow);
    }

    showPin() {
      if (!this.leaflet) return;
      if (this.pin) this.pin.remove();
      const place = this.props.pin;
      this.pin = place && window.L.circleMarker([place[1], place[0]], { renderer: this.penOnTop, interactive: false, radius: 7, color: "#ffffff", weight: 2, fillColor: "#b3261e", fillOpacity: 1 }).addTo(this.leaflet);
    }

    draw() {
      if (!this.leaflet) return;
      this.drawnLayer.clearLayers();
      for (const [shapes, style] of [[this.props.drawn, DRAWN], [this.props.built, BUILT]]) {
        if (!shapes) continue;
        this.drawnLayer.addLayer(window.L.geoJSON(shapes, {
          interactive: false, renderer: this.penOnTop, style,
          pointToLayer: (_, at) => window.L.circleMarker(at, { radius: 5, renderer: this.penOnTop }),
        }));
      }
    }

    showBuilt() {
      this.draw();
    }

    stop() {
      this.gone = true;
      if (this.sketch) this.sketch.stop();
      if (this.observer) this.observer.disconnect();
      if (this.leaflet) this.leaflet.remove();
    }
  }

  /* Leaflet's own, with the units of length in the reader's language. */
  function scaleBar(locale) {
    const Scale = window.L.Control.Scale.extend({
      _updateMetric(most) {
        const metres = this._getRoundNum(most);
        const [n, unit] = metres < 1000 ? [metres, "Meters"] : [metres / 1000, "Kilometers"];
        this._updateScale(this._mScale, n + "\u00a0" + locale["ScaleControl." + unit], metres / most);
      },
    });
    return new Scale({ imperial: false, maxWidth: 120, position: "bottomleft" });
  }

  function holds({ type, coordinates }, place) {
    const parts = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
    return parts.some(([outer, ...holes]) => isInside(place, outer) && !holes.some((hole) => isInside(place, hole)));
  }

  Object.assign(window.pianqu_map, { LiteView, NUMBERS_FROM });
})();
