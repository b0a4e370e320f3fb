/* What a Sketch is drawn on, and where a place is: `Pad` on the map of MapLibre, `LitePad` on the simple one.
   Points of the screen are { x, y }, places { lng, lat } where they come out and [lon, lat] where they go in. */
(function () {
  "use strict";

  const NEAR_PX = 10;
  const EMPTY = { type: "FeatureCollection", features: [] };
  const FILL = "#7b3fb3";
  const LINE = "#5b2a8c";

  class Pad {
    constructor(view) {
      this.map = view.map;
      this.element = this.map.getCanvasContainer();
      this.map.addSource("sketch", { type: "geojson", data: EMPTY });
      const add = (id, type, filter, paint) => this.map.addLayer({ id, source: "sketch", type, filter, paint });
      add("sketch-fill", "fill", ["==", ["geometry-type"], "Polygon"], { "fill-color": FILL, "fill-opacity": 0.2 });
      add("sketch-case", "line", ["!=", ["geometry-type"], "Point"], { "line-color": "#ffffff", "line-width": 5 });
      add("sketch-line", "line", ["!=", ["geometry-type"], "Point"], { "line-color": LINE, "line-width": 2.4 });
      const marked = (mark, ...others) => ["match", ["get", "mark"], mark, ...others];
      add("sketch-point", "circle", ["==", ["geometry-type"], "Point"], {
        "circle-color": marked("active", LINE, "#ffffff"), "circle-radius": marked("middle", 3.5, 5),
        "circle-stroke-color": LINE, "circle-stroke-width": marked("middle", 1.2, 2.4),
      });
    }

    show(features) {
      this.map.getSource("sketch").setData({ type: "FeatureCollection", features });
    }

    project(place) {
      return this.map.project(place);
    }

    unproject(point) {
      return this.map.unproject(point);
    }

    fit(box, options) {
      this.map.fitBounds(box, { duration: 0, ...options });
    }

    /* Whether dragging moves the map. */
    pan(on) {
      this.map.dragPan[on ? "enable" : "disable"]();
    }

    /* While clicks are of a tool, two of them do not zoom. */
    take(on) {
      this.map.doubleClickZoom[on ? "disable" : "enable"]();
    }

    cursor(name) {
      this.map.getCanvas().style.cursor = name;
    }

    whenZoomed(told) {
      this.map.on("zoomend", told);
    }

    whenDoubleClicked(told) {
      this.map.on("dblclick", told);
    }

    /* Geometries of the barriers that are shown. */
    barriers() {
      const ids = ["railway", "expressway", "water-line", "wall", "arterial"].filter((id) => this.map.getLayer(id));
      return ids.length ? this.map.queryRenderedFeatures({ layers: ids }).map((feature) => feature.geometry) : [];
    }

    /* Id of the crossing at a point, or null. */
    crossingAt({ x, y }) {
      const box = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
      const hits = this.map.getLayer("crossings") ? this.map.queryRenderedFeatures(box, { layers: ["crossings"] }) : [];
      return hits.length ? hits[0].id : null;
    }
  }

  class LitePad {
    constructor(view) {
      this.view = view;
      this.map = view.leaflet;
      this.element = this.map.getPane("mapPane");
      this.layer = window.L.layerGroup().addTo(this.map);
    }

    show(features) {
      this.layer.clearLayers();
      for (const feature of features) for (const style of this.looks(feature)) this.layer.addLayer(this.drawn(feature, style));
    }

    looks({ geometry: { type }, properties: { mark } }) {
      if (type !== "Point") return [{ color: "#ffffff", weight: 5, fill: false }, { color: LINE, weight: 2.4, fillColor: FILL, fillOpacity: 0.2 }];
      const [radius, weight] = mark === "middle" ? [3.5, 1.2] : [5, 2.4];
      return [{ color: LINE, radius, weight, fillColor: mark === "active" ? LINE : "#ffffff", fillOpacity: 1 }];
    }

    drawn(feature, style) {
      const own = { interactive: false, renderer: this.view.penOnTop };
      return window.L.geoJSON(feature, { style, ...own, pointToLayer: (_, at) => window.L.circleMarker(at, own) });
    }

    project([lon, lat]) {
      return this.map.latLngToContainerPoint([lat, lon]);
    }

    unproject(point) {
      return this.map.containerPointToLatLng(point);
    }

    fit([west, south, east, north], { padding, maxZoom }) {
      this.map.fitBounds([[south, west], [north, east]], { padding: [padding, padding], maxZoom, animate: false });
    }

    pan(on) {
      this.map.dragging[on ? "enable" : "disable"]();
    }

    take(on) {
      this.map.doubleClickZoom[on ? "disable" : "enable"]();
    }

    cursor(name) {
      this.map.getPane("overlayPane").querySelector("canvas").style.cursor = name;
    }

    whenZoomed(told) {
      this.map.on("zoomend", told);
    }

    whenDoubleClicked(told) {
      this.map.on("dblclick", ({ originalEvent }) => told(originalEvent));
    }

    barriers() {
      const { barriers } = this.view.layers;
      return this.map.hasLayer(barriers) ? barriers.getLayers().map((layer) => layer.feature.geometry) : [];
    }

    crossingAt({ x, y }) {
      const away = ({ geometry }) => {
        const at = this.project(geometry.coordinates);
        return Math.hypot(at.x - x, at.y - y);
      };
      const near = this.view.shownCrossings().filter((feature) => away(feature) <= NEAR_PX);
      return near.length ? near.reduce((a, b) => (away(b) < away(a) ? b : a)).id : null;
    }
  }

  Object.assign(window.pianqu_map, { Pad, LitePad });
})();
