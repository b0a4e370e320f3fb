/* What the tools of an editor draw on the simple map, and where a place is on it: as `map_surface.js`, with
   Leaflet on a canvas above that of the units. */
(function () {
  "use strict";

  const { cross, dots, NUMBERS_FROM } = window.pianqu_map;
  const TEXT_FROM = 13.6; // zoom from which an area's households have room
  const APART = { color: "#7a2e00", weight: 2.4, dashArray: "5 3" };
  const PATTERNS = { locked: dots, apart: cross };
  const LOOKS = { // lines of each source, one above the other
    selection: [{ color: "#ffffff", weight: 6 }, { color: "#000000", weight: 2.8 }],
    spokes: [{ color: "#123f66", weight: 1.6, dashArray: "2 4" }],
    line: [{ color: "#ffffff", weight: 6 }, { color: "#0b4a86", weight: 2.6, dashArray: "8 4" }],
  };

  class LiteSurface {
    constructor(view) {
      const { L } = window;
      this.view = view;
      this.map = view.leaflet;
      this.element = this.map.getPane("mapPane");
      this.pen = view.penAbove("editing", 450);
      this.layers = Object.fromEntries(["areas", "marks", "selection", "spokes", "line", "labels"].map((name) => [name, L.layerGroup()]));
      this.labels = [];
      this.hidden = new Set();
      this.map.on("zoomend moveend", () => this.showLabels());
    }

    turn(on) {
      for (const layer of Object.values(this.layers)) layer[on ? "addTo" : "removeFrom"](this.map);
      this.map.boxZoom[on ? "disable" : "enable"]();
      this.isOn = on;
      this.view.showNumbers();
      this.view.showLeaders();
      this.showLabels();
    }

    pan(on) {
      this.map.dragging[on ? "enable" : "disable"]();
    }

    project([lon, lat]) {
      const { x, y } = this.map.latLngToContainerPoint([lat, lon]);
      return [x, y];
    }

    unproject(point) {
      const { lng, lat } = this.map.containerPointToLatLng(point);
      return [lng, lat];
    }

    fit([west, south, east, north], { padding, maxZoom }) {
      this.map.fitBounds([[south, west], [north, east]], { padding: [padding, padding], maxZoom, animate: false });
    }

    set(source, features) {
      if (source === "labels") {
        this.labels = features;
        this.showLabels();
        return;
      }
      const layer = this.layers[source];
      layer.clearLayers();
      for (const feature of features) for (const style of this.looks(source, feature.properties)) layer.addLayer(this.drawn(feature, style));
    }

    drawn(feature, style) {
      return window.L.geoJSON(feature, { style: { fill: false, ...style }, interactive: false, renderer: this.pen });
    }

    looks(source, { mark, fill, edge }) {
      if (source === "areas") return [{ color: "#ffffff", weight: 4.6, fill: true, fillColor: fill, fillOpacity: 0.25 }, { color: edge, weight: 3 }];
      if (source !== "marks") return LOOKS[source];
      const filled = PATTERNS[mark] ? { fill: true, fillColor: this.pattern(mark), fillOpacity: 0.9 } : {};
      return [mark === "locked" ? { stroke: false, ...filled } : { ...APART, ...filled }];
    }

    pattern(mark) {
      this.patterns = this.patterns || {};
      if (!this.patterns[mark]) {
        const { width, height, data } = PATTERNS[mark]();
        const tile = Object.assign(document.createElement("canvas"), { width, height });
        const pen = tile.getContext("2d");
        pen.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
        this.patterns[mark] = pen.createPattern(tile, "repeat");
      }
      return this.patterns[mark];
    }

    hideAreas(hidden) {
      this.hidden = new Set(hidden);
      this.view.layers.outlines.setStyle((feature) => ({ opacity: this.hidden.has(feature.id) ? 0 : 1 }));
    }

    /* Only those that are seen: each is a piece of the page. */
    showLabels() {
      this.layers.labels.clearLayers();
      if (!this.isOn || this.map.getZoom() < NUMBERS_FROM) return;
      const seen = this.map.getBounds();
      const isWide = this.map.getZoom() >= TEXT_FROM;
      for (const { geometry: { coordinates }, properties: { mark, short, text } } of this.labels) {
        if (!seen.contains([coordinates[1], coordinates[0]])) continue;
        const lines = mark === "anchor" ? ["★"] : isWide ? text.split("\n") : [String(short)];
        this.layers.labels.addLayer(this.view.label(coordinates, lines, "lite-" + mark));
      }
    }
  }

  window.pianqu_map.LiteSurface = LiteSurface;
})();
