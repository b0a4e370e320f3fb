/* The base map an office allows, below everything of ours: pictures from this server's file, or from the
   one foreign host the server names. Without the property `base_map` nothing is asked for. */
(function () {
  "use strict";

  const absolute = (url) => new URL(url, window.location.href).href;
  const PMTILES = "base/tiles.pmtiles";
  const SHOWS_THROUGH = 0.5; // of the units, so that what lies below them is seen

  const addresses = ({ kind, tiles }) => (kind === "mbtiles" ? [absolute("base/") + "{z}/{x}/{y}"] : tiles);

  /* On MapLibre: a layer for each address, above the plain ground. */
  async function add(view) {
    const base = view.props.base_map;
    if (!base) return;
    const { minzoom, maxzoom, bounds } = base;
    if (base.kind === "pmtiles") await view.startTiles();
    if (view.gone) return;
    const sources = base.kind === "pmtiles"
      ? [{ url: "pmtiles://" + absolute(PMTILES) }]
      : addresses(base).map((address) => ({ tiles: [address], minzoom, maxzoom, ...(bounds && { bounds }) }));
    const above = view.map.getStyle().layers.find((layer) => layer.type !== "background").id;
    sources.forEach((source, k) => {
      view.map.addSource("base-" + k, { type: "raster", tileSize: 256, ...source });
      view.map.addLayer({ id: "base-" + k, type: "raster", source: "base-" + k, paint: { "raster-fade-duration": 0 } }, above);
    });
    view.map.on("sourcedata", ({ sourceId, tile }) => {
      if (String(sourceId).startsWith("base-") && tile && tile.state === "loaded") tellFault(view, false);
    });
    const isDimmed = ["==", ["feature-state", "d"], 1];
    view.map.setPaintProperty("units-fill", "fill-opacity", ["case", isDimmed, 0.06, SHOWS_THROUGH]);
  }

  /* Whether what went wrong on the map was of the base map alone: said next to its credit, once, until a
     tile comes. A file has no tile for some places; that is no fault. */
  function takeError(view, { sourceId, error }) {
    if (!String(sourceId).startsWith("base-")) return false;
    if (!error || error.status !== 404) tellFault(view, true);
    return true;
  }

  function tellFault(view, isFault) {
    if (view.props.base_map.kind === "foreign") document.body.classList.toggle("base-fault", isFault);
  }

  /* On Leaflet. */
  async function addLite(view, loadScript) {
    const base = view.props.base_map;
    if (!base) return;
    const [west, south, east, north] = base.bounds || [-180, -85, 180, 85];
    const options = { minNativeZoom: base.minzoom, maxNativeZoom: base.maxzoom, bounds: [[south, west], [north, east]] };
    if (base.kind !== "pmtiles") {
      addresses(base).forEach((address) => window.L.tileLayer(address, options)
        .on("tileerror", () => tellFault(view, true)).on("tileload", () => tellFault(view, false)).addTo(view.leaflet));
      return;
    }
    if (!window.pmtiles) await loadScript(view.props.vendor + "pmtiles/pmtiles.js");
    if (view.gone) return;
    window.pmtiles.leafletRasterLayer(new window.pmtiles.PMTiles(absolute(PMTILES)), options).addTo(view.leaflet);
  }

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.base = { add, addLite, takeError };
})();
