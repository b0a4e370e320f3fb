/* When a map drawn by software is drawn: one picture of a whole city takes a quarter of a second, and
   nothing else happens meanwhile. */
(function () {
  "use strict";

  const LOADING_MS = 1500;
  const CLICK_MS = 250;
  const STILL_PX = 3;

  const held = new WeakMap();

  /* While layers come in each tile would have all drawn once more. Frames go on, for they ask for tiles and
     place the names, but nothing is painted until the map has its place, all tiles are there, what was last
     set on these sources too, and names are placed among them; or after a while. Tells when it was painted. */
  function drawWhenComplete(map, sources, { placed = Promise.resolve(), patienceMs = LOADING_MS } = {}) {
    if (held.has(map)) return held.get(map);
    const { painter } = map;
    const { render } = painter;
    let isPlaced = false;
    let wasComplete = false;
    let isLate = false;
    const isComplete = () => isPlaced && map.areTilesLoaded()
      && sources.every((id) => map.getSource(id) && map.isSourceLoaded(id));
    const painted = new Promise((resolve) => {
      painter.render = (...told) => {
        const complete = isComplete();
        if (isLate || (wasComplete && complete)) {
          painter.render = render;
          held.delete(map);
          render.apply(painter, told);
          resolve();
          return;
        }
        wasComplete = complete;
        if (complete) map.triggerRepaint();
      };
    });
    placed.then(() => {
      isPlaced = true;
      map.triggerRepaint();
      window.setTimeout(() => {
        isLate = true;
        if (held.has(map)) map.triggerRepaint();
      }, patienceMs);
    });
    held.set(map, painted);
    return painted;
  }

  /* MapLibre draws after each click, though nothing changed: what the click asks for comes first. */
  function answerClicksFirst(map) {
    const { triggerRepaint } = map;
    let pressed = null;
    let isClick = false;
    let waiting = null;
    const draw = () => {
      window.clearTimeout(waiting);
      waiting = null;
      triggerRepaint.call(map);
    };
    map.triggerRepaint = () => {
      if (!isClick || !map.loaded() || map.isMoving()) draw();
      else if (!waiting) waiting = window.setTimeout(draw, CLICK_MS);
    };
    const element = map.getCanvasContainer();
    const hear = (names, act) => names.forEach((name) => element.addEventListener(name, act, true));
    hear(["pointerdown", "wheel", "keydown"], () => { if (waiting) draw(); });
    hear(["pointerdown"], ({ clientX, clientY }) => { pressed = [clientX, clientY]; });
    hear(["pointerup"], ({ clientX, clientY }) => {
      isClick = pressed !== null && Math.hypot(clientX - pressed[0], clientY - pressed[1]) < STILL_PX;
      window.setTimeout(() => { isClick = false; }, 0);
    });
  }

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.frames = { drawWhenComplete, answerClicksFirst };
})();
