/* When a map drawn by software is drawn: one picture of a whole city takes a quarter of a second, and
   nothing else happens meanwhile. */
(function () {
  "use strict";

  const LOADING_MS = 1500;
  const FIRST_MS = 3000;
  const CLICK_MS = 400;
  const STILL_PX = 3;

  const held = new WeakSet();

  /* While what was set on these sources comes in, each tile would have all painted once more: it is painted when
     all tiles are there, or after a while. The first frame asks for the tiles, so it goes on without painting. */
  function drawWhenComplete(map, sources) {
    if (held.has(map)) return;
    held.add(map);
    const { painter, triggerRepaint } = map;
    const { render } = painter;
    const isComplete = () => map.areTilesLoaded() && sources.every((id) => map.isSourceLoaded(id));
    map.triggerRepaint = () => {
      if (isComplete()) triggerRepaint.call(map);
    };
    painter.render = (...told) => {
      if (isComplete()) render.apply(painter, told);
    };
    const release = () => {
      held.delete(map);
      map.triggerRepaint = triggerRepaint;
      painter.render = render;
    };
    const timer = window.setTimeout(() => {
      release();
      map.triggerRepaint();
    }, LOADING_MS);
    map.once("idle", () => {
      window.clearTimeout(timer);
      release();
    });
  }

  /* The first picture of a map. Frames go on, for they ask for tiles and place the names, but nothing is painted
     until the names have come, all tiles are there, and names are placed among them; or after a while. Tells
     when it was painted. */
  function paintFirst(map, sources, named) {
    const { painter } = map;
    const { render } = painter;
    let isNamed = false;
    let wasComplete = false;
    let isLate = false;
    const isComplete = () => isNamed && map.areTilesLoaded()
      && sources.every((id) => map.getSource(id) && map.isSourceLoaded(id));
    named.then(() => {
      isNamed = true;
      map.triggerRepaint();
    });
    window.setTimeout(() => {
      isLate = true;
      if (painter.render !== render) map.triggerRepaint();
    }, FIRST_MS);
    return new Promise((resolve) => {
      painter.render = (...told) => {
        const complete = isComplete();
        if (isLate || (wasComplete && complete)) {
          painter.render = render;
          render.apply(painter, told);
          resolve();
          return;
        }
        wasComplete = complete;
        if (complete) map.triggerRepaint();
      };
    });
  }

  /* What comes in now is not seen: frames go on, for they settle the map, but paint nothing until it rests, moves,
     changes its size, or `until` is there. */
  function paintNothing(map, until) {
    const { painter } = map;
    const { render } = painter;
    painter.render = () => {};
    const release = () => { painter.render = render; };
    for (const event of ["idle", "move", "resize"]) map.once(event, release);
    until.then(release);
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
  window.pianqu_map.frames = { drawWhenComplete, paintFirst, paintNothing, answerClicksFirst };
})();
