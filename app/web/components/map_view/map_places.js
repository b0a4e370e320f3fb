/* Whole places in the colour of their figure: of a level the reader chose, or, with "auto", streets from afar
   and units from near. Which of the two is drawn is a matter of zoom ranges: no layer is switched while moving. */
(function () {
  "use strict";

  const UNITS_FROM = 12.2; // zoom from which units are no confetti
  const FILLS = ["places-fill", "places-hatch", "places-line"];
  const FROM_NEAR = /^(units-|singles-name|dots|streets-|areas-|anchors)/; // what gives way to whole places
  const OF_AREAS = /^(areas-(number|spokes|led|unled|left-over)|anchors|area-hair)/; // what only their own theme has
  const OPACITIES = { line: ["line-opacity"], circle: ["circle-opacity", "circle-stroke-opacity"], symbol: ["text-opacity", "icon-opacity"] };

  class Places {
    constructor(view) {
      this.view = view;
      this.points = null; // where names are written
      this.named = new Promise((resolve) => { this.tellNamed = resolve; }); // or no names are wanted
      this.isOn = false;
      this.far = null;
    }

    /* "unit", "auto" or a level; only units where places have no figure, and while tools need them. */
    asked() {
      const { props, values, tools } = this.view;
      const has = props.sources.places && this.view.ofTheme(values.places);
      const level = has ? props.level || "unit" : "unit";
      return level === "auto" && tools ? "unit" : level;
    }

    isFar() {
      return this.view.zoom() < UNITS_FROM;
    }

    /* What is coloured now. */
    level() {
      const asked = this.asked();
      return asked === "auto" ? (this.isFar() ? "street" : "unit") : asked;
    }

    /* Whether a layer is wanted at all, at any zoom. */
    wants(id, group) {
      const { props } = this.view;
      const asked = this.asked();
      if (group === "places") return asked !== "unit";
      if (!props.visible.includes(group)) return false;
      if (id === "area-hair") return asked === "auto";
      return asked === "unit" || asked === "auto" || !FROM_NEAR.test(id);
    }

    /* Whether a layer has a place in the theme. */
    isOfTheme(id) {
      return this.view.props.theme === "areas" || !OF_AREAS.test(id);
    }

    /* What is inside areas shows in their own theme: by opacity, for switching layers would draw all twice. */
    showInside() {
      const { map, groupOf } = this.view;
      for (const id of Object.keys(groupOf).filter((name) => OF_AREAS.test(name) && map.getLayer(name))) {
        const opacity = this.isOfTheme(id) ? (id === "area-hair" ? 0.55 : 1) : 0;
        for (const name of OPACITIES[map.getLayer(id).type]) map.setPaintProperty(id, name, opacity);
      }
    }

    /* From which zoom to which a layer is drawn. */
    zooms({ id, minzoom = 0, maxzoom = 24 }, group) {
      if (this.asked() !== "auto") return [minzoom, maxzoom];
      if (group === "places" || id === "area-hair") return [minzoom, UNITS_FROM];
      return FROM_NEAR.test(id) ? [Math.max(minzoom, UNITS_FROM), maxzoom] : [minzoom, maxzoom];
    }

    /* The colours of places, their names, and which of the two the map shows. */
    show() {
      const { view } = this;
      if (!view.isBegun) return;
      const asked = this.asked();
      if (asked === "unit" || !view.map.getSource("places")) this.tellNamed();
      if (!view.map.getSource("places")) return;
      this.tell();
      if (asked === "unit" && !this.isOn) return;
      this.isOn = asked !== "unit";
      const level = asked === "auto" ? "street" : asked;
      const rows = view.ofTheme(view.values.places) || [];
      for (const id of FILLS) view.map.setFilter(id, ["==", ["get", "level"], level]);
      if (this.isOn) {
        this.addNames();
        const hidden = new Set(view.dimmed().fills);
        rows.forEach(([f, h], id) => {
          const d = Number(hidden.has(f));
          view.map.setFeatureState({ source: "places", id }, { f, h: d ? 0 : h, d });
        });
      }
      const features = (this.points || []).filter((feature) => feature.properties.level === level);
      const text = ({ id, properties: { name } }) => (asked === "auto" ? [name] : [name, rows[id] && rows[id][2]]);
      const texts = features.map((feature) => text(feature).filter(Boolean).join("\n"));
      const labels = JSON.stringify([level, texts]);
      if (labels === this.labels) return; // the same names again would be placed and faded in anew
      this.labels = labels;
      view.map.getSource("place_labels").setData({
        type: "FeatureCollection",
        features: features.map((feature, k) => ({ ...feature, properties: { text: texts[k] } })),
      });
    }

    /* Names and values of places: text cannot come from feature state, so the points are set anew. */
    async addNames() {
      const { sources } = this.view.props;
      if (!sources.place_points || this.points) return;
      this.points = [];
      try {
        this.points = (await (await fetch(sources.place_points)).json()).features;
        if (!this.view.gone) this.show();
      } finally {
        this.tellNamed();
      }
    }

    /* The page explains the colours that are there. */
    tell() {
      const far = this.asked() === "auto" && this.isFar();
      if (far === this.far) return;
      this.far = far;
      this.view.tell({ far });
    }

    /* The place at a point of the screen, null where units are coloured. */
    at(point) {
      const { map } = this.view;
      if (this.level() === "unit" || !map.getLayer("places-fill")) return null;
      const [hit] = map.queryRenderedFeatures(point, { layers: ["places-fill"] });
      return hit ? hit.id : null;
    }

    /* What a place is called and how it stands, as a card. */
    card(id) {
      const known = (this.points || []).find((feature) => feature.id === id);
      if (!known) return null;
      const row = (this.view.ofTheme(this.view.values.places) || [])[id];
      const { words } = this.view.props;
      return { title: known.properties.name || "", kind: [row && row[2], this.asked() === "auto" && words.open_street].filter(Boolean).join(" · "), rows: [] };
    }

    /* From afar a click on a street goes there; whether it did. */
    async open(point) {
      const id = this.asked() === "auto" ? this.at(point) : null;
      if (id === null) return;
      const { features } = await this.view.map.getSource("places").getData();
      const place = features.find((feature) => feature.id === id);
      const { boxOf, ringsOf } = window.pianqu_map.geometry;
      const [west, south, east, north] = boxOf(ringsOf(place.geometry));
      this.view.goNear([[west, south], [east, north]], UNITS_FROM + 0.1);
    }
  }

  window.pianqu_map = window.pianqu_map || {};
  Object.assign(window.pianqu_map, { Places, UNITS_FROM });
})();
