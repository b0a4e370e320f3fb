/* A file of the export menu is made by a job: meanwhile a line at the foot of the page says how far it is, and the
   file comes when it is there. What no job makes is fetched, not opened. */
(function () {
  "use strict";
  const EVERY_MS = 500;
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

  const pause = () => new Promise((done) => window.setTimeout(done, EVERY_MS));

  /* The address of the finished file; null where no job makes files of this kind. */
  async function makeFile(link) {
    const [kind, query] = link.getAttribute("href").replace("export/", "").split("?");
    const asked = new URLSearchParams(query);
    const by = document.querySelector("select.export-by");
    if (by && by.value) asked.set("by", by.value);
    if (document.querySelector(".export-public input:checked")) asked.set("public", "1");
    const begun = await fetch("export/jobs/" + kind + "?" + asked, { method: "POST", headers: { "X-Pianqu": "1" } });
    if (begun.status === 404) return null;
    const told = await begun.json();
    if (!begun.ok) throw new Error(told.sentence);
    const address = "export/jobs/" + encodeURIComponent(told.job);
    for (;;) {
      const state = await (await fetch(address)).json();
      if (state.fault) throw new Error(state.fault);
      if (state.done) return address + "/file";
      tell(state.waits || link.dataset.share.replace("{share}", String(Math.round(100 * state.share))), true);
      await pause();
    }
  }

  async function fetchFile(link) {
    const told = link.dataset;
    tell(told.working, true);
    try {
      const answer = await fetch((await makeFile(link)) || link.getAttribute("href"));
      if (!answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        tell(told.failed + page.body.textContent.trim(), false);
        return;
      }
      save(await answer.blob(), nameIn(answer, "export"));
      tell(told.done, false);
      window.dash_clientside.set_props("exported", { data: link.getAttribute("href") });
    } catch (error) {
      tell(told.failed + error.message, false);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-working]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fetchFile(link);
  });
})();
