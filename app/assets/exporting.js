/* A file of the export menu is fetched, not opened: meanwhile a line at the foot of the page says how far it is. */
(function () {
  "use strict";
  const EVERY_MS = 1000;
  const SHOWN_MS = 6000;
  let line = null;
  let hiding = 0;

  function tell(text, isLasting) {
    if (!line) {
      line = document.createElement("p");
      line.className = "export-line";
      line.setAttribute("role", "status");
      document.body.append(line);
    }
    window.clearTimeout(hiding);
    line.hidden = false;
    line.textContent = text;
    if (!isLasting) hiding = window.setTimeout(() => { line.hidden = true; }, SHOWN_MS);
  }

  function nameIn(answer, otherwise) {
    const found = /filename\*=UTF-8''([^;]+)/i.exec(answer.headers.get("Content-Disposition") || "");
    return found ? decodeURIComponent(found[1]) : otherwise;
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(link.href), SHOWN_MS);
  }

  async function fetchFile(link) {
    const told = link.dataset;
    const ticket = Array.from(window.crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join("");
    tell(told.working, true);
    const asking = window.setInterval(async () => {
      try {
        const found = await (await fetch("export-progress/" + ticket)).json();
        if (found.share) tell(told.share.replace("{share}", String(Math.round(100 * found.share))), true);
      } catch (error) { /* the next one tells */ }
    }, EVERY_MS);
    try {
      const answer = await fetch(link.getAttribute("href") + "&ticket=" + ticket);
      if (!answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        tell(told.failed + page.body.textContent.trim(), false);
        return;
      }
      save(await answer.blob(), nameIn(answer, "export"));
      tell(told.done, false);
    } catch (error) {
      tell(told.failed + error.message, false);
    } finally {
      window.clearInterval(asking);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-working]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fetchFile(link);
  });
})();
