/* Outlines of what is pointed at, selected, or chosen for an edit, in a drawing of their own above the map: the
   map itself is not drawn again for them, which takes a quarter of a second for a city without a GPU. */
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const LINES = [["found", "case"], ["found", "found"], ["hovered", "hovered"], ["selected", "case"], ["selected", "selected"], ["chosen", "case"], ["chosen", "chosen"]]; // mark, look; the last lies uppermost

  const ringsOf = ({ type, coordinates }) => (type === "Polygon" ? coordinates : type === "MultiPolygon" ? coordinates.flat() : []);

  class Marks {
    constructor(map) {
      this.map = map;
      this.shown = {}; // geometries by mark
      this.element = document.createElementNS(SVG, "svg");
      this.element.setAttribute("class", "map-marks");
      this.element.setAttribute("aria-hidden", "true");
      this.paths = LINES.map(([, look]) => {
        const path = this.element.appendChild(document.createElementNS(SVG, "path"));
        path.setAttribute("class", look);
        return path;
      });
      map.getCanvasContainer().append(this.element);
      map.on("render", () => this.paint()); // with the picture it belongs to
    }

    /* GeoJSON geometries by mark, such as { hovered: [...], selected: [...] }; other marks stay. */
    show(shown) {
      this.shown = { ...this.shown, ...shown };
      this.paint();
    }

    paint() {
      LINES.forEach(([mark], k) => this.paths[k].setAttribute("d", (this.shown[mark] || []).map((one) => this.lineOf(one)).join("")));
    }

    lineOf(geometry) {
      return ringsOf(geometry).map((ring) => {
        const corners = ring.map((place) => {
          const { x, y } = this.map.project(place);
          return x.toFixed(1) + " " + y.toFixed(1);
        });
        return "M" + corners.join("L") + "Z";
      }).join("");
    }
  }

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.Marks = Marks;
})();
