/* What the tools of an editor draw on the map of MapLibre, and where a place is on it. `map_lite_surface.js`
   does the same with Leaflet. */
(function () {
  "use strict";

  const BASE_AREAS = ["areas-tint", "areas-case", "areas-line"];
  const BASE_HIDDEN = ["areas-number", "anchors"];
  const BASE_LEADERS = { // what tells of leaders and gaps, by kind of layer
    line: ["areas-spokes-case", "areas-spokes", "areas-left-over"], circle: ["areas-led", "areas-unled"], "circle-stroke": ["areas-led", "areas-unled"],
  };
  const SOURCES = ["marks", "areas", "spokes", "line", "labels"];
  const COMPARED = 500; // features; of more it takes as long to compare as to draw
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
    { id: "edit-spokes", source: "edit-spokes", type: "line", minzoom: 13,
      paint: { "line-color": "#123f66", "line-width": zoomed(13, 1.1, 16, 2.6), "line-dasharray": [0.6, 1.6] } },
    { id: "edit-blamed", source: "edit-marks", type: "line", filter: ["in", ["get", "mark"], ["literal", ["apart", "blamed"]]],
      paint: { "line-color": "#7a2e00", "line-width": zoomed(10, 1.4, 15, 3), "line-dasharray": [2, 1.2] } },
    { id: "edit-coming", source: "edit-marks", type: "line", filter: is("coming"),
      paint: { "line-color": "#7a2e00", "line-width": 2.4, "line-dasharray": [1, 1] } },
    { id: "edit-line-case", source: "edit-line", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-width": 6 } },
    { id: "edit-line", source: "edit-line", type: "line", layout: { "line-join": "round" },
      paint: { "line-color": "#0b4a86", "line-width": 2.6, "line-dasharray": [3, 1.5] } },
    { id: "edit-anchors", source: "edit-labels", type: "symbol", filter: is("anchor"), minzoom: 13,
      layout: { "text-field": "★", "text-size": zoomed(13, 14, 15, 20), "text-allow-overlap": true,
        "text-offset": [0, -1.1], "text-ignore-placement": true },
      paint: { "text-color": "#1d2b3a", "text-halo-color": "#ffffff", "text-halo-width": 1.6 } },
    { id: "edit-numbers", source: "edit-labels", type: "symbol", filter: is("number"), minzoom: 11.7,
      layout: { "text-field": ["step", ["zoom"], ["get", "short"], 13.6, ["get", "text"]], "text-size": zoomed(11.7, 12, 14, 15),
        "text-padding": 1, "symbol-sort-key": ["get", "rank"] },
      paint: { "text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 2.4 } },
  ];

  class Surface {
    constructor(view) {
      this.map = view.map;
      this.marks = view.marks;
      this.software = view.software;
      this.shown = {}; // JSON of what was last set
      this.element = this.map.getCanvasContainer();
      this.map.addImage("cross", cross());
      this.map.addImage("dots", dots());
      for (const source of SOURCES) {
        this.map.addSource("edit-" + source, { type: "geojson", data: { type: "FeatureCollection", features: [] }, tolerance: 0.3 });
      }
      for (const { before, ...layer } of LAYERS) this.map.addLayer(layer, before);
      this.turn(false);
    }

    /* What is edited stands in for the numbers, anchors and leaders of the map. */
    turn(on) {
      if (!on) this.marks.show({ chosen: [] });
      for (const { id } of LAYERS) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
      for (const id of BASE_HIDDEN) {
        if (!this.map.getLayer(id)) continue;
        for (const kind of ["text", "icon"]) this.map.setPaintProperty(id, kind + "-opacity", on ? 0 : 1);
      }
      for (const [kind, ids] of Object.entries(BASE_LEADERS)) {
        for (const id of ids) if (this.map.getLayer(id)) this.map.setPaintProperty(id, kind + "-opacity", on ? 0 : 1);
      }
      this.map.boxZoom[on ? "disable" : "enable"]();
    }

    /* Whether dragging moves the map. */
    pan(on) {
      this.map.dragPan[on ? "enable" : "disable"]();
    }

    project(place) {
      const { x, y } = this.map.project(place);
      return [x, y];
    }

    unproject(point) {
      const { lng, lat } = this.map.unproject(point);
      return [lng, lat];
    }

    fit(box, options) {
      this.map.fitBounds(box, { duration: 0, ...options });
    }

    set(source, features) {
      if (source === "selection") {
        this.marks.show({ chosen: features.map((feature) => feature.geometry) });
        return;
      }
      const told = features.length > COMPARED ? null : JSON.stringify(features);
      if (told !== null && told === this.shown[source]) return;
      this.shown[source] = told;
      this.map.getSource("edit-" + source).setData({ type: "FeatureCollection", features });
    }

    /* What is set from now on is drawn at once when all of it is there. */
    together() {
      if (this.software) window.pianqu_map.frames.drawWhenComplete(this.map, SOURCES.map((source) => "edit-" + source));
    }

    hideAreas(hidden) {
      const filter = hidden.length ? ["!", ["in", ["id"], ["literal", hidden]]] : null;
      for (const id of BASE_AREAS) if (this.map.getLayer(id)) this.map.setFilter(id, filter);
    }
  }

  function pattern(size, isOn, [r, g, b]) {
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) data.set([r, g, b, isOn(x, y) ? 220 : 0], 4 * (y * size + x));
    }
    return { width: size, height: size, data };
  }

  const cross = () => pattern(8, (x, y) => (x + y) % 8 < 2 || (x - y + 8) % 8 < 2, [90, 30, 0]);
  const dots = () => pattern(8, (x, y) => x % 8 < 2 && y % 8 < 2, [20, 30, 40]);

  Object.assign(window.pianqu_map, { Surface, cross, dots });
})();
