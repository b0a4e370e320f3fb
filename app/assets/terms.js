/* Words explained at the word: [data-term] shows what `#terms` says of it, by pointer, focus or press; Esc closes. */
(function () {
  "use strict";
  let tip = null;
  let of = null;
  let texts = null;

  const told = (term) => {
    const list = document.getElementById("terms");
    if (!texts && list) texts = JSON.parse(list.dataset.told);
    return (texts || {})[term];
  };

  function hide() {
    if (!of) return;
    of.removeAttribute("aria-describedby");
    of = null;
    tip.hidden = true;
  }

  function show(word) {
    const text = told(word.dataset.term);
    if (!text || word === of) return;
    hide();
    if (!tip) {
      tip = document.createElement("div");
      tip.id = "term-tip";
      tip.setAttribute("role", "tooltip");
    }
    (word.closest("dialog[open]") || document.getElementById("page") || document.body).append(tip);
    tip.textContent = text;
    tip.hidden = false;
    of = word;
    word.setAttribute("aria-describedby", tip.id);
    const { left, bottom, top } = word.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = tip;
    tip.style.left = Math.max(6, Math.min(left, window.innerWidth - w - 6)) + "px";
    tip.style.top = (bottom + 6 + h > window.innerHeight ? top - h - 6 : bottom + 6) + "px";
  }

  const wordAt = (event) => event.target.closest && event.target.closest("[data-term]");
  document.addEventListener("pointerover", (event) => {
    const word = wordAt(event);
    if (word) show(word);
    else if (of && event.target !== tip && of !== document.activeElement) hide();
  });
  document.addEventListener("focusin", (event) => (wordAt(event) ? show(wordAt(event)) : hide()));
  document.addEventListener("click", (event) => {
    const word = wordAt(event);
    if (!word) return hide();
    event.preventDefault(); // in a summary or a label it is only asked about
    return show(word);
  }, true);
  document.addEventListener("scroll", hide, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !of) return;
    event.stopPropagation();
    hide();
  }, true);

  /* A text of the browser's own, with its words explained: nodes to append. */
  window.pianqu_terms = {
    explained(text) {
      told("");
      const words = Object.keys(texts || {}).filter((term) => text.includes(term));
      if (!words.length) return [text];
      const term = words.sort((a, b) => b.length - a.length)[0];
      const at = text.indexOf(term);
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "term", textContent: term });
      button.dataset.term = term;
      return [text.slice(0, at), button, text.slice(at + term.length)].filter((part) => part !== "");
    },
  };
})();
