/* The list of areas, what is drawn at which zoom, the scale, the print sheet. Names are shown as text, never as HTML. */
(function () {
  "use strict";
  const told = JSON.parse(document.getElementById("areas").textContent);
  const { words } = told;
  const UNITS_FROM = 13; // zoom from which units are no confetti
  const NUMBERS_FROM = told.areas.length <= 40 ? 0 : 14.5; // few areas are told from afar, points above all
  const STREETS_UNTIL = 16.5;
  const box = pianqu_map.getContainer();
  const whole = pianqu_map.getBounds();

  const Scale = L.Control.Scale.extend({
    _updateMetric: function (most) {
      const metres = this._getRoundNum(most);
      const text = metres < 1000 ? metres + " " + words.metres : metres / 1000 + " " + words.kilometres;
      this._updateScale(this._mScale, text, metres / most);
    },
  });
  new Scale({ imperial: false }).addTo(pianqu_map);

  function showByZoom() {
    const zoom = pianqu_map.getZoom();
    box.classList.toggle("far", zoom < UNITS_FROM);
    box.classList.toggle("mid", zoom < NUMBERS_FROM);
    box.classList.toggle("near", zoom >= STREETS_UNTIL);
  }
  pianqu_map.on("zoomend", showByZoom);
  showByZoom();

  const list = document.getElementById("list");
  const found = document.getElementById("found");
  const frame = L.rectangle([[0, 0], [0, 0]], { fill: false, color: "#1d2b3a", weight: 2, dashArray: "4 4", interactive: false });

  function part(className, text) {
    const node = document.createElement("span");
    node.className = className;
    node.textContent = text;
    return node;
  }

  function open(row, button) {
    const [south, west, north, east] = row[5];
    const bounds = L.latLngBounds([south, west], [north, east]);
    pianqu_map.fitBounds(bounds.pad(0.3), { animate: false });
    frame.setBounds(bounds.pad(0.04)).addTo(pianqu_map);
    list.querySelectorAll("[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    button.setAttribute("aria-current", "true");
  }

  function show(text) {
    const wanted = text.trim().toLowerCase();
    const rows = told.areas.filter((row) => !wanted || String(row[0]) === wanted || (row[1] + row[2]).toLowerCase().includes(wanted));
    list.replaceChildren(...rows.map((row) => {
      const button = document.createElement("button");
      button.type = "button";
      const size = words.row.replace("{units}", row[3]).replace("{households}", row[4] === null ? "—" : row[4].toLocaleString("en"));
      button.append(part("number", row[0]), part("name", row[1]), part("size", size));
      button.addEventListener("click", () => open(row, button));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    found.textContent = rows.length ? words.listed.replace("{n}", rows.length) : words.none_found;
  }
  document.getElementById("find").addEventListener("input", (event) => show(event.target.value));
  show("");

  document.getElementById("whole").addEventListener("click", () => {
    frame.remove();
    pianqu_map.fitBounds(whole, { animate: false });
  });

  /* The sheet has the ground that is seen now, on paper of A4. */
  document.getElementById("sheet").addEventListener("click", () => {
    const seen = pianqu_map.getBounds();
    const now = new Date();
    document.getElementById("today").textContent = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    document.body.classList.add("sheet");
    pianqu_map.invalidateSize({ animate: false });
    pianqu_map.fitBounds(seen, { animate: false });
    window.setTimeout(() => {
      window.print();
      document.body.classList.remove("sheet");
      pianqu_map.invalidateSize({ animate: false });
      pianqu_map.fitBounds(seen, { animate: false });
    }, 200);
  });
})();
