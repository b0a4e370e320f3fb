/* The look of the map: a style made only of our own layers. No glyphs, no sprite, no tiles from
   elsewhere; all text is drawn with the fonts of the PC. Colours of units and areas arrive as
   feature state, so changing the theme never touches the geometry. */
(function () {
  "use strict";

  const FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
  const INK = "#1d2b3a";
  const SPOKE = "#123f66"; // from a leader to whom it leads
  const GAP = "#b3401c"; // of who is in no area, or led by nobody: told apart by shape as well
  const LEADERS_FROM = 13; // zoom from which areas are large enough for what is inside them
  const STAR = "#a5501b";
  const ALONG = { "symbol-placement": "line", "text-field": ["get", "name"], "symbol-spacing": 320, "text-padding": 6, "text-max-angle": 30 };
  const ASIDE = { // a name gives way to what stands where it would
    "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-radial-offset": 0.9, "text-justify": "auto", "text-padding": 3,
  };
  const NO_COLOUR = "rgba(0,0,0,0)";
  const BUILDINGS_FROM = 13.8;
  const SINGLE_NAMES_FROM = 16;
  const BUILDINGS_FROM_SOFTWARE = 15; // without a GPU every building costs frames

  const state = (name, otherwise) => ["to-color", ["feature-state", name], otherwise];
  const stated = (name, yes, no) => ["case", ["==", ["feature-state", name], 1], yes, no];
  const dimmed = (plain, faint) => stated("d", faint, plain); // not among what the reader looks for
  const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
  const kind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
  const isLine = ["==", ["geometry-type"], "LineString"];

  /* group = what the reader switches on and off; layers without a group are always there. */
  function layers(sources, software) {
    const hasSpokes = sources.includes("spokes"); // they end where the star stands
    const all = [
      { id: "background", type: "background", paint: { "background-color": "#f1efe9" } },
      {
        id: "barrier-fill", source: "barriers", type: "fill", group: "barriers",
        filter: ["all", ["!", kind("river", "canal")], ["!", isLine]],
        paint: { "fill-color": "#cfc9c0", "fill-opacity": 0.7 },
      },
      {
        id: "green", source: "green", type: "fill", group: "barriers", minzoom: 12.5,
        paint: { "fill-color": "#cfe3c4", "fill-opacity": 0.9 },
      },
      {
        id: "areas-tint", source: "areas", type: "fill", group: "areas",
        paint: { "fill-color": state("f", NO_COLOUR), "fill-opacity": 0.25, "fill-antialias": false },
      },
      {
        id: "roads-case", source: "roads", type: "line", group: "roads", minzoom: 12.5,
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": "#d5d0c6", "line-width": ["interpolate", ["linear"], ["zoom"],
          12.5, ["match", ["get", "rank"], [0, 1], 2.8, 2, 2.1, 1.3], 16, ["match", ["get", "rank"], [0, 1], 9.6, 2, 8, 6.6]] },
      },
      {
        id: "roads", source: "roads", type: "line", group: "roads",
        layout: { "line-cap": "round", "line-join": "round" },
        paint: {
          "line-color": "#ffffff",
          "line-width": ["interpolate", ["linear"], ["zoom"], 10, ["match", ["get", "rank"], [0, 1], 0.9, 0.3],
            12.5, ["match", ["get", "rank"], [0, 1], 2.2, 2, 1.5, 0.8], 16, ["match", ["get", "rank"], [0, 1], 8, 2, 6.4, 5]],
        },
      },
      {
        id: "units-fill", source: "units", type: "fill", group: "units",
        paint: {
          "fill-color": state("f", "#dfe2e6"), "fill-opacity": dimmed(0.86, 0.06), "fill-antialias": false,
        },
      },
      {
        id: "units-hatch", source: "units", type: "fill", group: "units", filter: ["get", "hatch"],
        paint: { "fill-pattern": "hatch", "fill-opacity": stated("h", 0.75, 0), "fill-antialias": false },
      },
      {
        id: "places-fill", source: "places", type: "fill", group: "places", filter: ["==", ["get", "level"], ""],
        paint: { "fill-color": state("f", "#f4f5f7"), "fill-opacity": dimmed(0.74, 0.06) },
      },
      {
        id: "places-hatch", source: "places", type: "fill", group: "places", filter: ["==", ["get", "level"], ""],
        paint: {
          "fill-pattern": "hatch",
          "fill-opacity": stated("h", 0.75, 0),
        },
      },
      {
        id: "water-fill", source: "barriers", type: "fill", group: "barriers",
        filter: ["all", kind("river", "canal"), ["!", isLine]],
        paint: { "fill-color": "#a8cdea" },
      },
      {
        id: "places-line", source: "places", type: "line", group: "places", filter: ["==", ["get", "level"], ""],
        paint: { "line-color": "#ffffff", "line-width": zoomed(10, 1.6, 14, 3) },
      },
      {
        id: "area-hair", source: "areas", type: "line", group: "areas", layout: { "line-join": "round" },
        paint: { "line-color": "#3f5a66", "line-opacity": 0.55, "line-width": zoomed(10, 0.5, 12.2, 0.9) },
      },
      {
        id: "units-line", source: "units", type: "line", group: "units", filter: ["!=", ["get", "estimated"], true],
        paint: {
          "line-color": "#6b7783",
          "line-opacity": zoomed(11, 0.25, 14, 0.7),
          "line-width": zoomed(11, 0.3, 14, 0.7, 17, 1.4),
        },
      },
      { // ground estimated around a point: nobody's outline
        id: "units-estimated", source: "units", type: "line", group: "units", minzoom: 12, filter: ["==", ["get", "estimated"], true],
        paint: { "line-color": "#6b7783", "line-opacity": zoomed(12, 0.4, 14, 0.8), "line-width": zoomed(12, 0.5, 14, 1), "line-dasharray": [3, 3] },
      },
      {
        id: "buildings", source: "buildings", type: "fill", group: "buildings",
        minzoom: software ? BUILDINGS_FROM_SOFTWARE : BUILDINGS_FROM,
        paint: { "fill-color": "#243447", "fill-opacity": 0.22, "fill-antialias": !software },
      },
      {
        id: "water-line", source: "barriers", type: "line", group: "barriers",
        filter: ["all", kind("river", "canal"), isLine],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": "#74aede", "line-width": zoomed(10, 2, 13, 5, 16, 14) },
      },
      {
        id: "arterial", source: "barriers", type: "line", group: "barriers", minzoom: 12,
        filter: ["all", kind("arterial"), isLine],
        paint: { "line-color": "#d8ccb2", "line-width": zoomed(10, 0.6, 13, 2.4, 16, 8) },
      },
      {
        id: "expressway-case", source: "barriers", type: "line", group: "barriers",
        filter: ["all", kind("expressway"), isLine],
        paint: { "line-color": "#8a5a1e", "line-width": zoomed(10, 2.4, 13, 6, 16, 14) },
      },
      {
        id: "expressway", source: "barriers", type: "line", group: "barriers",
        filter: ["all", kind("expressway"), isLine],
        paint: { "line-color": "#f6cf85", "line-width": zoomed(10, 1.2, 13, 3.8, 16, 10.5) },
      },
      {
        id: "railway", source: "barriers", type: "line", group: "barriers",
        filter: ["all", kind("railway"), isLine],
        paint: { "line-color": "#2b2f36", "line-width": zoomed(10, 1.6, 13, 3.4, 16, 6) },
      },
      {
        id: "railway-dash", source: "barriers", type: "line", group: "barriers",
        filter: ["all", kind("railway"), isLine],
        paint: {
          "line-color": "#ffffff", "line-width": zoomed(10, 0.8, 13, 1.8, 16, 3.4),
          "line-dasharray": [3, 3],
        },
      },
      {
        id: "wall", source: "barriers", type: "line", group: "barriers", minzoom: 12,
        filter: kind("factory_wall", "closed_park"),
        paint: { "line-color": "#5d5348", "line-width": 1.6, "line-dasharray": [1, 1.2] },
      },
      {
        id: "streets-line", source: "streets", type: "line", group: "streets",
        paint: {
          "line-color": "#6b5a86", "line-opacity": 0.7,
          "line-width": zoomed(10, 0.8, 14, 1.8), "line-dasharray": [5, 2, 1, 2],
        },
      },
      {
        id: "areas-case", source: "areas", type: "line", group: "areas",
        layout: { "line-join": "round" },
        paint: { "line-color": "#ffffff", "line-width": zoomed(10, 1.6, 14, 4.6), "line-opacity": 0.9 },
      },
      {
        id: "areas-line", source: "areas", type: "line", group: "areas",
        layout: { "line-join": "round" },
        paint: { "line-color": state("edge", INK), "line-width": zoomed(10, 0.8, 14, 2.4) },
      },
      {
        id: "areas-left-over", source: "units", type: "line", group: "areas", minzoom: 12.5, filter: ["get", "left_over"],
        paint: { "line-color": GAP, "line-width": zoomed(12.5, 1, 16, 2.2), "line-dasharray": [3, 1.6] },
      },
      {
        id: "dots", source: "dots", type: "circle", group: "units", maxzoom: 15,
        paint: {
          "circle-color": state("f", "#dfe2e6"),
          "circle-radius": zoomed(9, 0.8, 12, 1.7, 14.9, 4),
          "circle-stroke-color": "#5a6672",
          "circle-stroke-width": zoomed(10, 0.3, 13, 0.7),
          "circle-opacity": zoomed(14.3, dimmed(1, 0.06), 15, dimmed(0.3, 0.06)),
          "circle-stroke-opacity": dimmed(1, 0.2),
        },
      },
      {
        id: "areas-spokes-case", source: "spokes", type: "line", group: "areas", minzoom: LEADERS_FROM,
        layout: { "line-cap": "round" },
        paint: { "line-color": "rgba(255,255,255,0.8)", "line-width": zoomed(LEADERS_FROM, 2.6, 16, 5.6) },
      },
      {
        id: "areas-spokes", source: "spokes", type: "line", group: "areas", minzoom: LEADERS_FROM,
        layout: { "line-cap": "round" },
        paint: { "line-color": SPOKE, "line-width": zoomed(LEADERS_FROM, 1.1, 16, 2.6), "line-dasharray": [0.2, 2] },
      },
      {
        id: "areas-led", source: "led_points", type: "circle", group: "areas", minzoom: LEADERS_FROM, filter: ["get", "is_led"],
        paint: {
          "circle-color": SPOKE, "circle-radius": zoomed(LEADERS_FROM, 2.2, 16, 5),
          "circle-stroke-color": "#ffffff", "circle-stroke-width": zoomed(LEADERS_FROM, 0.6, 16, 1.6),
        },
      },
      {
        id: "areas-unled", source: "led_points", type: "circle", group: "areas", minzoom: LEADERS_FROM, filter: ["!", ["get", "is_led"]],
        paint: {
          "circle-color": "#ffffff", "circle-radius": zoomed(LEADERS_FROM, 2.8, 16, 6),
          "circle-stroke-color": GAP, "circle-stroke-width": zoomed(LEADERS_FROM, 1.4, 16, 2.8),
        },
      },
      {
        id: "sites-fill", source: "sites", type: "fill", group: "sites",
        paint: { "fill-color": ["case", ["get", "chosen"], "#CC79A7", "#ffffff"], "fill-opacity": 0.85 },
      },
      {
        id: "sites-line", source: "sites", type: "line", group: "sites",
        paint: { "line-color": "#8f2d63", "line-width": zoomed(12, 0.8, 16, 1.8) },
      },
      {
        id: "built-fill", source: "built", type: "fill",
        paint: { "fill-color": "#3c1e5c", "fill-opacity": 0.9 },
      },
      {
        id: "built-line", source: "built", type: "line",
        paint: { "line-color": "#ffffff", "line-width": zoomed(12, 1, 16, 2) },
      },
      {
        id: "counted", source: "marks", type: "line",
        paint: { "line-color": "#000000", "line-width": zoomed(10, 1.2, 15, 2.4), "line-dasharray": [2, 1] },
      },
      {
        id: "edges-refused", source: "edges", type: "line", group: "edges", minzoom: 12.5, filter: ["!", ["get", "allowed"]],
        paint: { "line-color": "#b3261e", "line-width": zoomed(12.5, 1.2, 16, 3), "line-dasharray": [2, 1.6] },
      },
      {
        id: "edges-allowed", source: "edges", type: "line", group: "edges", minzoom: 12.5, filter: ["get", "allowed"],
        layout: { "line-cap": "round" },
        paint: { "line-color": "#0a5d8f", "line-width": zoomed(12.5, 1.6, 16, 4.5) },
      },
      {
        id: "drawn-area", source: "drawn", type: "fill", filter: ["==", ["get", "what"], "reach_area"],
        paint: { "fill-color": "#0a5d8f", "fill-opacity": 0.13 },
      },
      {
        id: "drawn-roads", source: "drawn", type: "line", filter: ["==", ["get", "what"], "reach_road"],
        paint: { "line-color": "#0a5d8f", "line-width": zoomed(12, 1.4, 16, 4), "line-opacity": 0.75 },
      },
      {
        id: "drawn-way-case", source: "drawn", type: "line", filter: ["==", ["get", "what"], "way"],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": "#ffffff", "line-width": zoomed(12, 5, 16, 9) },
      },
      {
        id: "drawn-way", source: "drawn", type: "line", filter: ["==", ["get", "what"], "way"],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": "#d4351c", "line-width": zoomed(12, 2.6, 16, 5) },
      },
      {
        id: "crossings", source: "crossings", type: "symbol", group: "barriers", minzoom: 12.3,
        filter: ["==", ["geometry-type"], "Point"],
        layout: {
          "text-field": "◆", "text-size": zoomed(12.3, 9, 15, 15), "text-allow-overlap": true,
        },
        paint: { "text-color": "#ffffff", "text-halo-color": "#2b2f36", "text-halo-width": 1.6 },
      },
      {
        id: "streets-name", source: "place_points", type: "symbol", group: "streets", maxzoom: 14.5,
        filter: ["==", ["get", "level"], "street"],
        layout: {
          "text-field": ["get", "name"], "text-size": zoomed(10, 12, 14, 15), "text-letter-spacing": 0.12, ...ASIDE,
        },
        paint: { "text-color": "#57407c", "text-halo-color": "#ffffff", "text-halo-width": 2 },
      },
      ...[["water-name", kind("river", "canal"), "#2f6f9f"], ["railway-name", kind("railway", "expressway"), "#55504a"]].map(
        ([id, filter, color]) => ({
          id, source: "barriers", type: "symbol", group: "barriers", minzoom: 11, filter: ["all", filter, isLine],
          layout: { ...ALONG, "text-size": zoomed(11, 11, 15, 14), "text-letter-spacing": 0.2 },
          paint: { "text-color": color, "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
        }),
      ),
      ...[[1, 12.6], [2, 13.6], [3, 14.8]].map(([rank, minzoom]) => ({
        id: "road-name-" + rank, source: "roads", type: "symbol", group: "roads", minzoom,
        filter: rank === 1 ? ["<=", ["get", "rank"], 1] : ["==", ["get", "rank"], rank],
        layout: { ...ALONG, "text-size": zoomed(13, 10.5, 16, 13) },
        paint: { "text-color": "#6b6257", "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
      })),
      ...[["units-name", false, BUILDINGS_FROM], ["singles-name", true, SINGLE_NAMES_FROM]].map(
        ([id, single, minzoom]) => ({
          id, source: "units", type: "symbol", group: "names", minzoom,
          filter: ["==", ["get", "single"], single],
          layout: {
            "text-field": ["get", "name"], "text-size": 12, "text-max-width": 7, "text-padding": 4, "text-offset": [0, hasSpokes ? 1.1 : 0],
          },
          paint: { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
        }),
      ),
      {
        id: "places-name", source: "place_labels", type: "symbol", group: "places",
        layout: { "text-field": ["get", "text"], "text-size": zoomed(9, 11, 11, 12, 13, 14), ...ASIDE },
        paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.85)", "text-halo-width": 1.6 },
      },
      {
        id: "anchors", source: "anchors", type: "symbol", group: "areas", minzoom: LEADERS_FROM,
        layout: {
          "text-field": "★", "text-size": zoomed(LEADERS_FROM, 13, 15, 20), "text-allow-overlap": true,
          "text-offset": [0, hasSpokes ? 0 : -1.1],
        },
        paint: { "text-color": STAR, "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
      },
      {
        id: "areas-number", source: "area_points", type: "symbol", group: "areas", minzoom: 11.7,
        filter: ["<=", ["get", "from"], ["zoom"]], // where it has room
        layout: {
          "text-field": ["get", "number"], "text-allow-overlap": false, "symbol-sort-key": ["get", "rank"], "text-padding": 1,
          ...(hasSpokes
            ? { "text-size": zoomed(11.7, 11, 14, 13), "icon-image": "pill", "icon-text-fit": "both", "icon-text-fit-padding": [2, 6, 2, 6] }
            : { "text-size": zoomed(11.7, 12, 14, 17) }),
        },
        paint: hasSpokes
          ? { "text-color": "#ffffff" }
          : { "text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 2.4 },
      },
    ];
    return all.filter((layer) => !layer.source || sources.includes(layer.source));
  }

  /* Diagonal lines, drawn here so that no image file is needed. */
  function hatch() {
    const size = 10;
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        const on = (x + y) % size < 2;
        data.set([60, 70, 82, on ? 190 : 0], 4 * (y * size + x));
      }
    }
    return { width: size, height: size, data };
  }

  /* What the number of an area stands on where stars are inside: its middle stretches with the number. */
  function pill() {
    const [width, height, radius] = [48, 36, 18];
    const data = new Uint8Array(width * height * 4);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const nearest = Math.min(Math.max(x + 0.5, radius), width - radius);
        const away = Math.hypot(x + 0.5 - nearest, y + 0.5 - radius);
        const isRim = away > radius - 2.6;
        data.set([...(isRim ? [255, 255, 255] : [18, 63, 102]), away <= radius ? 255 : 0], 4 * (y * width + x));
      }
    }
    return [{ width, height, data }, { pixelRatio: 2, stretchX: [[radius, width - radius]], content: [10, 4, width - 10, height - 4] }];
  }

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.style = { FONT, layers, hatch, pill };
})();
