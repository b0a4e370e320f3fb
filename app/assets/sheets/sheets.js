/* The keys and buttons of the briefing, and the button that prints. */
(function () {
  "use strict";
  const slides = [...document.querySelectorAll(".slide")];
  let at = Math.max(0, slides.findIndex((slide) => "#" + slide.id === window.location.hash));

  function show(number) {
    if (!slides.length) return;
    at = Math.min(Math.max(number, 0), slides.length - 1);
    slides.forEach((slide, k) => { slide.hidden = k !== at; });
    const title = slides[at].querySelector("h2").textContent;
    document.getElementById("story-at").textContent = at + 1 + " / " + slides.length;
    document.getElementById("story-at").setAttribute("aria-label", at + 1 + " / " + slides.length + " " + title);
    window.history.replaceState(null, "", "#" + slides[at].id);
  }

  const act = {
    previous: () => show(at - 1),
    next: () => show(at + 1),
    print: () => window.print(),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) act[button.dataset.do]();
  });
  document.addEventListener("change", (event) => {
    if (event.target.form && event.target.form.classList.contains("sheet-bar")) event.target.form.submit();
  });
  document.addEventListener("keydown", (event) => {
    if (!slides.length || event.ctrlKey || event.altKey || event.metaKey) return;
    const onButton = /^(BUTTON|A)$/.test(event.target.tagName);
    if (event.key === "ArrowRight" || event.key === "PageDown" || (event.key === " " && !onButton)) act.next();
    else if (event.key === "ArrowLeft" || event.key === "PageUp") act.previous();
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(slides.length - 1);
    else if (event.key.toLowerCase() === "f") act.full();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const back = document.querySelector("a[data-do=close]"); // names the plan that is shown
    if (event.key === "Escape" && back && !document.fullscreenElement) window.location.assign(back.href);
  });
  show(at);
})();
