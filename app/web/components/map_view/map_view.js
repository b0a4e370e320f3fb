/* MapView: a Dash component around MapLibre GL JS. No build step: it uses the React that Dash
   brings (window.React) and loads MapLibre from the app's own server.
   Properties are described in __init__.py and README.md. */
(function () {
  "use strict";

  const React = window.React;
  const { FONT, layers, hatch, pill } = window.pianqu_map.style;
  const CLICKABLE = ["sites-fill", "edges-allowed", "edges-refused", "dots", "units-fill", "areas-tint"];
  const LATER = ["sites", "edges"]; // made by the server when their group is first shown
  const SOFTWARE = /swiftshader|basic render|warp|llvmpipe|software/i;
  const RETRY_MS = 2000;
  const ZOOMS_AHEAD = 1;
  const FIRST_MS = 3000;
  const EDGE = "#8b97a3"; // of areas where the theme is another

  const absolute = (url) => new URL(url, window.location.href).href;
  const getJson = (url) => fetch(url).then((answer) => {
    if (!answer.ok) throw new Error(url + " " + answer.status);
    return answer.json();
  });

  /* "?lite=1" holds for the window until "?lite=0": a version that is opened or saved has an address of its own. */
  function asksForLite() {
    const asked = new URLSearchParams(window.location.search).get("lite");
    try {
      if (asked !== null) window.sessionStorage.setItem("pianqu-lite", asked);
      return window.sessionStorage.getItem("pianqu-lite") === "1";
    } catch (error) {
      return asked === "1";
    }
  }

  /* MapLibre and its worker start while Dash still asks for the page: the header names the module. */
  let starting = null;
  function early(vendor) {
    starting = starting || import(absolute(vendor + "maplibre/maplibre-gl.mjs")).then((maplibre) => {
      maplibre.prewarm();
      return maplibre;
    });
    return starting;
  }

  /* Name of what draws, null without WebGL2; asked once, for a context of its own costs a while. */
  let drawnBy;
  function webgl() {
    if (drawnBy !== undefined) return drawnBy;
    const gl = document.createElement("canvas").getContext("webgl2");
    drawnBy = null;
    if (!gl) return null;
    const known = gl.getExtension("WEBGL_debug_renderer_info");
    drawnBy = String(gl.getParameter(known ? known.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    const lose = gl.getExtension("WEBGL_lose_context");
    if (lose) lose.loseContext();
    return drawnBy;
  }

  /* The simple map where there is no WebGL2, or where the address asks for it: "?lite=1". */
  function isLite() {
    return asksForLite() || webgl() === null;
  }

  const named = document.querySelector('link[rel=modulepreload][href$="maplibre/maplibre-gl.mjs"]');
  if (named && !isLite()) early(named.getAttribute("href").replace("maplibre/maplibre-gl.mjs", "")).catch(() => { starting = null; });

  function loadScript(url) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = () => reject(new Error(url));
      document.head.appendChild(script);
    });
  }

  function loadStylesheet(url) {
    const isThere = [...document.querySelectorAll("link[rel=stylesheet]")].some(({ href }) => href === absolute(url));
    if (isThere) return;
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = url;
    document.head.appendChild(link);
  }

  /* Colour, hatch and dimming of each unit under a theme: what the reader filters out, by units or
     by the colour of a class, gives way. `lookOf(unit)`, where there is one, stands before the file:
     [colour, hatched] of a unit in the plan being edited. */
  function unitPaint({ colours, hatched, class_of: classOf }, { fills, units }, lookOf = null) {
    const hidden = new Set(fills);
    const lines = new Set(hatched);
    const kept = units && new Set(units);
    return classOf.map((klass, id) => {
      const [f, isHatched] = lookOf ? lookOf(id) : [colours[klass], lines.has(klass)];
      const d = Number(hidden.has(f) || (kept !== null && !kept.has(id)));
      return { f, h: Number(!d && isHatched), d };
    });
  }

  /* One map in one element of its own. React only hands properties over; everything else happens here.
     It may begin before there is a place for it: what it tells meanwhile waits until it is put there. */
  class View {
    constructor(props) {
      this.element = document.createElement("div");
      this.element.className = "map-box";
      this.props = props;
      const untold = [];
      this.tell = (told) => untold.push(told);
      this.placed = new Promise((resolve) => {
        this.place = (outer, card, tell) => {
          outer.prepend(this.element);
          Object.assign(this, { card, tell });
          untold.forEach(tell);
          resolve();
        };
      });
      this.isSeen = new Promise((resolve) => { this.tellSeen = resolve; }); // its first picture, or why there is none
      this.started = performance.now();
      this.isBegun = false; // its layers are there, and take what is told
      this.hovered = null;
      this.selected = { area: null, unit: null };
      this.cards = null;
      this.lookOf = null; // of units while the plan is edited
      this.shapes = { units: new Map(), areas: new Map() };
      this.clicks = 0;
      this.asked = new Set();
      this.gone = false;
      this.places = new window.pianqu_map.Places(this);
    }

    async start() {
      const renderer = webgl();
      const vendor = this.props.vendor;
      try {
        loadStylesheet(vendor + "maplibre/maplibre-gl.css");
        const [maplibre, values] = await Promise.all([
          early(vendor),
          getJson(this.props.values_url),
        ]);
        if (this.gone) return undefined;
        this.base = values;
        this.takeValues();
        this.maplibre = maplibre;
        this.build(renderer);
      } catch (error) {
        this.refuse(this.props.words.failed + " " + error.message);
      }
      return undefined;
    }

    refuse(sentence) {
      const note = document.createElement("div");
      note.className = "map-note";
      note.setAttribute("role", "alert");
      note.textContent = sentence;
      this.element.replaceChildren(note);
      this.tellReady(null);
    }

    /* The first picture is there: now the page may be put together. */
    tellPainted() {
      performance.measure("map painted", { start: this.started });
      this.tellSeen();
    }

    tellReady(renderer) {
      this.tellSeen();
      const webgl = renderer !== null;
      this.element.dataset.ready = webgl ? "map" : "note";
      performance.measure("map ready", { start: this.started });
      this.tell({ ready: { ms: Math.round(performance.now() - this.started), webgl, renderer } });
    }

    build(renderer) {
      const { maplibre, props } = this;
      this.software = SOFTWARE.test(renderer);
      const map = new maplibre.Map({
        container: this.element,
        ...(this.kept = window.pianqu_map.keptPlace(this)) || { bounds: props.opens_on || props.bounds, fitBoundsOptions: { padding: 24 } },
        localIdeographFontFamily: FONT,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        maxZoom: 19,
        locale: props.words.locale,
      });
      this.map = map;
      const firstLayers = this.firstLayers();
      const sources = this.firstSources(firstLayers);
      map.setStyle({ version: 8, transition: { duration: 0, delay: 0 }, sources, layers: firstLayers }); // a change is drawn once, not for 300 ms
      const { answerClicksFirst, paintFirst } = window.pianqu_map.frames;
      if (this.software) answerClicksFirst(map);
      const painted = paintFirst(map, Object.keys(sources), this.places.named);
      this.marks = new window.pianqu_map.Marks(map);
      this.element.mapView = this; // for tests and the browser's console
      map.touchZoomRotate.disableRotation();
      map.keyboard.disableRotation();
      map.addControl(new maplibre.NavigationControl({ showCompass: false }), "bottom-right");
      map.addControl(new maplibre.ScaleControl({ maxWidth: 120 }), "bottom-left");
      map.on("error", (event) => window.pianqu_map.base.takeError(this, event) || this.tell({ problem: String(event.error && event.error.message) }));
      map.once("style.load", async () => {
        map.addImage("hatch", hatch());
        map.addImage("pill", ...pill());
        this.begin();
        await painted;
        if (this.gone) return;
        this.tellPainted();
        const rest = this.loadRest();
        await this.placed;
        if (this.gone) return;
        this.fit();
        this.showBuilt();
        this.sketch = new window.pianqu_map.Sketch(this);
        this.element.dispatchEvent(new CustomEvent("pianqu-map", { bubbles: true })); // tools may be attached now
        await rest;
        if (!map.loaded()) await map.once("idle");
        if (this.gone) return;
        this.tellReady(renderer);
        this.addShapes();
        this.addCards();
        this.addBuildings();
        window.pianqu_map.base.add(this);
      });
      map.on("zoom", () => this.places.tell());
      map.on("mousemove", (event) => this.scheduleHover(event.point, event.lngLat));
      map.on("mouseout", () => this.hover(null));
      map.on("movestart", (event) => event.originalEvent || !this.card || this.hover(null)); // flown away from under the pointer
      map.on("click", (event) => this.click(event.point, event.lngLat));
      this.observer = new ResizeObserver(() => map.resize());
      this.observer.observe(this.element);
    }

    /* The sources of the first picture; files that it draws nothing of come when it is painted. */
    firstSources(firstLayers) {
      const empty = () => ({ type: "geojson", data: { type: "FeatureCollection", features: [] } });
      const zoom = this.map.getZoom();
      const isDrawn = (name) => firstLayers.some(({ source, minzoom, maxzoom, layout }) => (
        source === name && layout.visibility === "visible" && zoom >= minzoom && zoom < maxzoom));
      const sources = {};
      this.rest = [];
      for (const [name, url] of Object.entries(this.props.sources)) {
        if (name === "buildings") continue;
        sources[name] = empty();
        if (LATER.includes(name)) continue;
        sources[name].tolerance = 0.3;
        if (isDrawn(name)) sources[name].data = absolute(url);
        else this.rest.push(name);
      }
      for (const name of ["place_labels", "drawn", "built", "marks"]) sources[name] = empty();
      return sources;
    }

    /* What the first picture did without, while the page is put together. */
    loadRest() {
      const { map, rest } = this;
      if (this.software && rest.length) window.pianqu_map.frames.paintNothing(map, this.placed);
      return Promise.all(rest.map((name) => map.getSource(name).setData(absolute(this.props.sources[name]))));
    }

    /* The layers there are from the start, those of hidden groups too; buildings come later. */
    firstLayers() {
      const names = [...Object.keys(this.props.sources), "place_labels", "drawn", "built", "marks"];
      const all = layers(names, this.software);
      this.buildingsLayer = all.find((layer) => layer.source === "buildings");
      this.groupOf = Object.fromEntries(all.filter((layer) => layer.group).map((layer) => [layer.id, layer.group]));
      this.ownZooms = Object.fromEntries(all.map(({ id, minzoom, maxzoom }) => [id, { id, minzoom, maxzoom }]));
      return all.filter((layer) => layer !== this.buildingsLayer).map(({ group, ...layer }) => {
        const [minzoom, maxzoom] = this.places.zooms(layer, group);
        return { ...layer, minzoom, maxzoom, layout: { ...layer.layout, visibility: this.isShown(layer.id) ? "visible" : "none" } };
      });
    }

    begin() {
      this.isBegun = true;
      this.unitSources = ["units", "dots"].filter((source) => this.map.getSource(source));
      this.showTheme();
      this.showGroups();
      this.select();
    }

    /* The first view again where the place it was put is not as large as was thought. */
    fit() {
      this.map.resize();
      if (this.kept) return;
      const { center, zoom } = this.map.cameraForBounds(this.props.opens_on || this.props.bounds, { padding: 24 });
      if (Math.abs(zoom - this.map.getZoom()) > 1e-6) this.map.jumpTo({ center, zoom });
    }

    async addCards() {
      this.cards = await getJson(this.props.cards_url);
    }

    /* Outlines to mark what is hovered, selected or counted: the map has them already. */
    async addShapes() {
      const kept = ["units", "areas"].filter((name) => this.props.sources[name]);
      const files = await Promise.all(kept.map((name) => this.map.getSource(name).getData()));
      if (this.gone) return;
      kept.forEach((name, k) => {
        this.shapes[name] = new Map(files[k].features.map((feature) => [feature.id, feature.geometry]));
      });
      this.mark();
      this.showCounted();
    }

    /* What the theme has of units or places, with the classes the reader chose where there are such. */
    ofTheme(all) {
      const { theme, classes } = this.props;
      return (all || {})[theme + "~" + classes] || (all || {})[theme];
    }

    zoom() {
      return this.map.getZoom();
    }

    level() {
      return this.places.level();
    }

    /* Whether a layer of the map is drawn now, for the legend. */
    draws(id) {
      const layer = this.isBegun && this.map.getLayer(id);
      const zoom = layer && this.zoom();
      return Boolean(layer) && this.isShown(id) && this.places.isOfTheme(id) && zoom >= layer.minzoom && zoom < layer.maxzoom;
    }

    async loadLater(name) {
      if (this.asked.has(name) || !this.props.sources[name]) return;
      this.asked.add(name);
      const answer = await fetch(this.props.sources[name].url);
      if (this.gone) return;
      if (answer.status === 202) {
        this.asked.delete(name);
        window.setTimeout(() => this.showGroups(), RETRY_MS);
        return;
      }
      if (answer.ok) this.takeLater(name, await answer.json());
    }

    takeLater(name, data) {
      this.map.getSource(name).setData(data);
    }

    draw() {
      if (!this.isBegun) return;
      this.map.getSource("drawn").setData(this.props.drawn || { type: "FeatureCollection", features: [] });
    }

    showBuilt() {
      if (this.isBegun) this.map.getSource("built").setData(this.props.built || { type: "FeatureCollection", features: [] });
    }

    mark() {
      const { area, unit } = this.selected;
      const shapes = (...wanted) => wanted.map(([name, id]) => this.shapes[name].get(id)).filter(Boolean);
      this.marks.show({ hovered: shapes(["units", this.hovered]), selected: shapes(["areas", area], ["units", unit]) });
    }

    /* Often the most of a city, so it is part of the map. */
    showCounted() {
      const { units } = this.props.counted || { units: [] };
      const features = units.map((id) => this.shapes.units.get(id)).filter(Boolean)
        .map((geometry) => ({ type: "Feature", properties: { mark: "counted" }, geometry }));
      if (!features.length && !this.showsCounted) return;
      this.showsCounted = features.length > 0;
      this.map.getSource("marks").setData({ type: "FeatureCollection", features });
    }

    /* Buildings come last and never hold the page up: tiles may still be in the making. */
    async addBuildings() {
      const buildings = this.props.sources.buildings;
      if (!buildings) return;
      const isTiled = buildings.kind !== "geojson";
      if (isTiled) {
        const answer = await fetch(buildings.url, { headers: { Range: "bytes=0-15" } });
        if (this.gone) return;
        if (answer.status === 202) {
          window.setTimeout(() => this.addBuildings(), RETRY_MS);
          return;
        }
      }
      await this.isNear(this.buildingsLayer.minzoom - ZOOMS_AHEAD);
      if (isTiled) await this.startTiles();
      if (this.gone) return;
      if (isTiled) {
        this.map.addSource("buildings", { type: "vector", url: "pmtiles://" + absolute(buildings.url) });
        this.buildingsLayer["source-layer"] = "buildings";
      } else {
        this.map.addSource("buildings", { type: "geojson", data: absolute(buildings.url), tolerance: 0.3 });
      }
      this.map.addLayer(this.buildingsLayer, this.map.getLayer("water-line") ? "water-line" : undefined);
      this.showGroups();
    }

    /* Tiles in one file: the part that reads them, once. */
    startTiles() {
      this.tiles = this.tiles || (window.pmtiles ? Promise.resolve() : loadScript(this.props.vendor + "pmtiles/pmtiles.js"))
        .then(() => this.maplibre.addProtocol("pmtiles", new window.pmtiles.Protocol().tile));
      return this.tiles;
    }

    /* A source and a layer have all drawn anew, seen or not: they wait until the view comes to their zoom. */
    isNear(zoom) {
      const { map } = this;
      return new Promise((near) => {
        const look = () => {
          if (map.getZoom() < zoom) return;
          map.off("zoom", look);
          near();
        };
        map.on("zoom", look);
        look();
      });
    }

    /* In the theme of areas their own colours; elsewhere dark lines that leave the theme alone. */
    paintAreas() {
      if (!this.map.getSource("areas")) return;
      const own = this.props.theme === "areas";
      const { fills, units } = this.dimmed();
      const look = [own, own && !units && !fills.length ? 0.25 : 0, this.values.areas];
      if (this.areasLook && look.every((one, k) => one === this.areasLook[k])) return; // saying it again would draw all again
      this.areasLook = look;
      this.values.areas.forEach(({ fill, edge }, id) => {
        this.map.setFeatureState({ source: "areas", id }, { f: fill, edge: own ? edge : EDGE });
      });
      this.map.setPaintProperty("areas-tint", "fill-opacity", look[1]);
      this.places.showInside();
      this.map.setPaintProperty("areas-case", "line-opacity", own ? 0.9 : 0);
      this.map.setPaintProperty("areas-line", "line-opacity", own ? 1 : 0.55);
    }

    showTheme() {
      if (!this.isBegun) return;
      const { map } = this;
      const theme = this.ofTheme(this.values.themes);
      if (!theme) return;
      this.painted = this.painted || [];
      const states = unitPaint(theme, this.dimmed(), this.props.theme === "areas" ? this.lookOf : null);
      states.forEach((state, id) => {
        const was = this.painted[id];
        if (was && was.f === state.f && was.h === state.h && was.d === state.d) return;
        this.painted[id] = state;
        for (const source of this.unitSources) map.setFeatureState({ source, id }, state);
      });
      this.paintAreas();
      this.places.show();
    }

    isShown(id) {
      const group = this.groupOf[id];
      return !group || this.places.wants(id, group);
    }

    /* Units are drawn at every zoom while tools need them. */
    showLevel() {
      this.showGroups();
    }

    showGroups() {
      if (!this.isBegun) return;
      for (const name of LATER) if (this.props.visible.includes(name)) this.loadLater(name);
      for (const id of Object.keys(this.groupOf)) {
        if (!this.map.getLayer(id)) continue;
        const wanted = this.isShown(id) ? "visible" : "none";
        if ((this.map.getLayoutProperty(id, "visibility") || "visible") !== wanted) {
          this.map.setLayoutProperty(id, "visibility", wanted);
        }
        const layer = this.map.getLayer(id);
        const [from, until] = this.places.zooms(this.ownZooms[id], this.groupOf[id]);
        if (layer.minzoom !== from || layer.maxzoom !== until) this.map.setLayerZoomRange(id, from, until);
      }
    }

    select() {
      if (!this.isBegun) return;
      this.selected = this.props.selected || { area: null, unit: null };
      this.marks.show({ found: [] });
      this.mark();
    }

    /* The outline of a place that was looked for. */
    async showFound(place) {
      const source = this.map.getSource("places");
      const { features } = source && place !== undefined ? await source.getData() : { features: [] };
      if (!this.gone) this.marks.show({ found: features.filter(({ id }) => id === place).map(({ geometry }) => geometry) });
    }

    fly() {
      const fly = this.props.fly;
      if (!fly || !this.map) return;
      this.showFound(fly.place);
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches || this.software;
      this.map.fitBounds(fly.bounds, { padding: 80, maxZoom: 15.5, duration: calm ? 0 : 600 });
    }

    /* A part of the map, at least so near. */
    goNear(bounds, zoom) {
      const { center, zoom: fitting } = this.map.cameraForBounds(bounds, { padding: 40 });
      this.map.jumpTo({ center, zoom: Math.max(zoom, fitting) });
    }

    /* West, south, east, north of what is seen; null while everything is. */
    bounds() {
      if (!this.map) return null;
      const seen = this.map.getBounds().toArray().flat();
      const [west, south, east, north] = this.props.bounds;
      const all = seen[0] <= west && seen[1] <= south && seen[2] >= east && seen[3] >= north;
      return all ? null : seen;
    }

    /* What is looked at, and going back there: null while there is no map. */
    where() {
      const { map } = this;
      return map ? { center: map.getCenter().toArray(), zoom: map.getZoom(), bearing: map.getBearing(), pitch: map.getPitch() } : null;
    }

    goTo(place) {
      if (this.map) this.map.jumpTo(place);
    }

    /* Have something done with every movement; the answer ends it. */
    whenMoved(follow) {
      this.map.on("move", follow);
      return () => this.map.off("move", follow);
    }

    /* What the tools of an editor draw on. */
    surface() {
      return new window.pianqu_map.Surface(this);
    }

    /* What a Sketch draws on. */
    pad() {
      return new window.pianqu_map.Pad(this);
    }

    found(point) {
      const present = CLICKABLE.filter((id) => this.map.getLayer(id));
      const hits = present.length ? this.map.queryRenderedFeatures(point, { layers: present }) : [];
      const told = hits.find((hit) => LATER.includes(hit.source));
      const unit = hits.find((hit) => hit.source === "units" || hit.source === "dots");
      const area = hits.find((hit) => hit.source === "areas");
      return {
        unit: unit ? unit.id : null,
        area: unit ? (unit.properties.area ?? null) : (area ? area.id : null),
        told: told ? told.properties : null,
      };
    }

    click(point, place) {
      if (!this.isBegun || this.tools) return; // while tools are on, a click is theirs
      if (this.sketch && this.sketch.click(point, place)) return;
      this.clicks += 1;
      this.places.open(point);
      const { unit, area, told } = this.found(point);
      const pair = told ? told.pair ?? null : null;
      const mine = pair ? { unit: null, area: null } : { unit, area };
      const site = told ? told.site_id ?? null : null;
      this.tell({ click: { ...mine, pair, site, lon: place.lng, lat: place.lat, n: this.clicks } });
    }

    showPin() {
      if (!this.map) return;
      if (this.pin) this.pin.remove();
      const place = this.props.pin;
      this.pin = place ? new this.maplibre.Marker({ color: "#b3261e" }).setLngLat(place).addTo(this.map) : null;
    }

    scheduleHover(point, place) {
      if (this.sketch && this.sketch.tool) {
        this.sketch.move(point, place);
        return;
      }
      this.pointer = point;
      if (this.waiting) return;
      this.waiting = window.requestAnimationFrame(() => {
        this.waiting = null;
        if (this.gone || !this.isBegun) return;
        const { unit, told } = this.found(this.pointer);
        const place = unit === null && !told ? this.places.at(this.pointer) : null;
        this.hover(unit, this.pointer, place === null ? told : { card: JSON.stringify(this.places.card(place)) });
      });
    }

    hover(unit, point, told = null) {
      if (!this.isBegun) return;
      const card = told ? told.card : null;
      if (unit !== this.hovered || card !== this.hoveredCard) {
        this.hovered = unit;
        this.hoveredCard = card;
        this.mark();
        this.map.getCanvas().style.cursor = unit === null && !card ? "" : "pointer";
        this.fillCard(this.cardOf(unit, card));
      } else if (this.card.hidden) {
        this.fillCard(this.cardOf(unit, card)); // the cards may have come since
      }
      if (!this.card.hidden && point) this.placeCard(point);
    }

    cardOf(unit, card) {
      if (card) return JSON.parse(card);
      return this.cards && unit !== null ? this.cards[unit] : null;
    }

    /* textContent only: names come from files and are never read as HTML. */
    fillCard(content) {
      this.card.hidden = !content;
      if (!content) return;
      const make = (tag, className, text) => {
        const node = document.createElement(tag);
        node.className = className;
        if (text !== undefined) node.textContent = text;
        return node;
      };
      const rows = make("dl", "card-rows");
      for (const [label, value] of content.rows) {
        rows.append(make("dt", "", label), make("dd", "", value));
      }
      this.card.replaceChildren(make("div", "card-title", content.title), make("div", "card-kind", content.kind), rows);
    }

    placeCard(point) {
      const gap = 16;
      const { clientWidth: width, clientHeight: height } = this.element;
      const { offsetWidth: w, offsetHeight: h } = this.card;
      const left = point.x + gap + w > width ? point.x - gap - w : point.x + gap;
      const top = Math.max(4, Math.min(point.y + gap, height - h - 4));
      this.card.style.transform = "translate(" + Math.max(4, left) + "px," + top + "px)";
    }

    dimmed() {
      return this.props.dimmed || { fills: [], units: null };
    }

    /* What the reader tries stands before what the file says. */
    takeValues() {
      const tried = this.props.values || {};
      this.values = { ...this.base, ...tried, themes: { ...this.base.themes, ...tried.themes } };
    }

    update(props) {
      const before = this.props;
      this.props = props;
      if (before.values !== props.values && this.base) this.takeValues();
      if (before.theme !== props.theme || before.level !== props.level || before.values !== props.values
        || before.dimmed !== props.dimmed || before.classes !== props.classes) this.showTheme();
      if (before.visible !== props.visible || before.theme !== props.theme || before.level !== props.level) this.showGroups();
      if (before.selected !== props.selected) this.select();
      if (before.counted !== props.counted && this.isBegun) this.showCounted();
      if (before.fly !== props.fly) this.fly();
      if (before.pin !== props.pin) this.showPin();
      if (before.sketch !== props.sketch && this.sketch) this.sketch.ask(props.sketch);
      if (before.drawn !== props.drawn) this.draw();
      if (before.built !== props.built) this.showBuilt();
    }

    /* Whether what it shows is what these properties ask for. */
    isOf(props) {
      const named = ({ sources, values_url: values, cards_url: cards, bounds, opens_on: first }) => JSON.stringify([sources, values, cards, bounds, first]);
      return named(this.props) === named(props);
    }

    leave() {
      this.tellSeen();
      this.stop();
      this.element.remove();
    }

    stop() {
      this.gone = true;
      if (this.sketch) this.sketch.stop();
      if (this.observer) this.observer.disconnect();
      if (this.map) this.map.remove();
    }
  }

  /* The first map is begun while Dash still asks for the page: the HTML says what it shows. */
  function beginAhead() {
    const said = document.getElementById("map-ahead");
    if (!said || isLite()) return null;
    const view = new View(JSON.parse(said.textContent));
    view.element.classList.add("map-ahead");
    document.body.append(view.element);
    view.start();
    return view;
  }

  let ahead = beginAhead();

  /* Act when the first map is painted, or takes too long: both at once would have it wait for the page. */
  function afterFirst(act) {
    const late = new Promise((resolve) => { window.setTimeout(resolve, FIRST_MS); });
    Promise.race([ahead ? ahead.isSeen : null, late]).then(act);
  }

  /* The map begun ahead where it is of the same files, else a new one. */
  function begun(props) {
    const view = ahead;
    ahead = null;
    if (view && view.isOf(props)) {
      view.element.classList.remove("map-ahead");
      document.querySelectorAll(".shell").forEach((shell) => shell.remove());
      return view;
    }
    if (view) view.leave();
    const fresh = isLite() ? new window.pianqu_map.LiteView(props) : new View(props);
    fresh.start();
    return fresh;
  }

  function MapView(props) {
    const outer = React.useRef(null);
    const card = React.useRef(null);
    const view = React.useRef(null);
    React.useEffect(() => {
      view.current = begun(props);
      view.current.place(outer.current, card.current, (told) => props.setProps(told));
      return () => view.current.leave();
    }, []);
    React.useEffect(() => {
      if (view.current) view.current.update(props);
    });
    return React.createElement(
      "div", { id: props.id, className: "map-view", ref: outer },
      React.createElement("div", { ref: card, className: "map-card", hidden: true, role: "tooltip" }),
    );
  }

  Object.assign(window.pianqu_map, { MapView, View, afterFirst, unitPaint, loadScript, loadStylesheet, getJson, LATER, hasWebgl: () => webgl() !== null });
})();
