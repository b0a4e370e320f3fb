/* Files dropped on, or chosen in, the import wizard go to the server one after the other, as they
   are; what comes of them the server draws. */
(function () {
  "use strict";
  const zone = () => document.querySelector(".drop-zone");
  const queue = [];
  const refused = [];
  let busy = false;
  let done = 0;
  let ticks = 0;

  function say(text) {
    const place = zone() && zone().querySelector(".drop-progress");
    if (place) place.textContent = text;
  }

  function showRefused() {
    const place = zone() && zone().querySelector(".drop-refused");
    if (place) place.textContent = refused.join("\n");
  }

  function tick() {
    ticks += 1;
    window.dash_clientside.set_props("wizard-tick", { data: ticks });
  }

  async function send(file) {
    const { token, failed, most, tooLarge } = zone().dataset;
    if (file.size > Number(most)) {
      refused.push(file.name + ": " + tooLarge);
      return;
    }
    try {
      const answer = await fetch("import/files/" + encodeURIComponent(token), {
        method: "POST",
        body: file,
        headers: {
          "Content-Type": "application/octet-stream",
          "X-Pianqu": "1",
          "X-File-Name": encodeURIComponent(file.name),
        },
      });
      if (answer.ok) return;
      const told = await answer.json().catch(() => null);
      refused.push(told ? told.sentence : file.name + ": " + failed + " (" + answer.status + ")");
    } catch {
      refused.push(file.name + ": " + failed);
    }
  }

  async function work() {
    if (busy) return;
    busy = true;
    let shown = Date.now();
    while (queue.length) {
      const file = queue.shift();
      say(zone().dataset.uploading + " " + (done + 1) + "/" + (done + 1 + queue.length) + "  " + file.name);
      await send(file);
      done += 1;
      if (Date.now() - shown > 1500 && !isPart(file)) {
        shown = Date.now();
        tick();
      }
    }
    busy = false;
    done = 0;
    say("");
    showRefused();
    tick();
  }

  /* The parts of a shapefile go just before its .shp, so that they are there when it is looked at. */
  const isPart = (file) => /\.(dbf|shx|prj|cpg)$/i.test(file.name);
  function take(files) {
    refused.length = 0;
    showRefused();
    const stem = (file) => file.name.replace(/\.[^.]*$/, "");
    const later = (a, b) => isPart(b) - isPart(a);
    queue.push(...[...files].sort((a, b) => stem(a).localeCompare(stem(b), "zh") || later(a, b)));
    if (queue.length) work();
  }

  function choose() {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.accept = zone().dataset.accept;
    input.addEventListener("change", () => take(input.files));
    input.click();
  }

  function carriesFiles(event) {
    return zone() && event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest(".drop-choose")) choose();
    const menu = document.querySelector("details.menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  /* A drawing that arrives between press and release puts a new button in the place of the pressed
     one, and the browser tells of no click: the new one is clicked instead. */
  let pressed = null;
  document.addEventListener("pointerdown", (event) => {
    const button = event.target.closest && event.target.closest(".wizard button[id]");
    pressed = button ? { button, x: event.clientX, y: event.clientY } : null;
  });
  document.addEventListener("pointerup", (event) => {
    const was = pressed;
    pressed = null;
    if (!was || was.button.isConnected) return;
    const moved = Math.hypot(event.clientX - was.x, event.clientY - was.y);
    const now = document.getElementById(was.button.id);
    if (now && !now.disabled && moved < 10) now.click();
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (menu && event.key === "Escape") menu.open = false;
  });
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone().classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (zone() && !event.relatedTarget) zone().classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone().classList.remove("over");
    take(event.dataTransfer.files);
  });

  /* The text of refusals lives outside what the server draws: put it back after each drawing. */
  new MutationObserver(() => {
    const place = zone() && zone().querySelector(".drop-refused");
    if (place && refused.length && !place.textContent) showRefused();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
