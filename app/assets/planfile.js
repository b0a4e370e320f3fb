/* A file somebody edited is sent, what it changes is shown, and it becomes a version when the reader says so.
   What the server answers is put on the page as text, never as HTML. */
(function () {
  "use strict";
  const OWN = { "X-Pianqu": "1" };

  function part(tag, text, className) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function begin(place) {
    const choose = part("button", place.dataset.choose, "button quiet");
    choose.type = "button";
    const file = part("input");
    file.type = "file";
    file.accept = place.dataset.accept;
    file.hidden = true;
    choose.addEventListener("click", () => file.click());
    file.addEventListener("change", () => file.files[0] && send(place, file.files[0]));
    place.replaceChildren(choose, file);
  }

  async function send(place, file) {
    begin(place);
    place.append(part("p", place.dataset.reading + " " + file.name, "small"));
    try {
      const answer = await fetch("import/plan?page=" + encodeURIComponent(place.dataset.page), {
        method: "POST",
        body: file,
        headers: { ...OWN, "Content-Type": "application/octet-stream", "X-File-Name": encodeURIComponent(file.name) },
      });
      const body = await answer.json();
      begin(place);
      if (answer.ok) show(place, body);
      else place.append(part("p", body.sentence, "fault"));
    } catch {
      begin(place);
      place.append(part("p", place.dataset.failed, "fault"));
    }
  }

  function show(place, body) {
    const list = part("ul", "", "plan-file-lines");
    body.lines.forEach((line) => list.append(part("li", line)));
    place.append(list, part("p", body.verdict, "small"));
    if (!body.changed) return;
    const reason = part("input");
    reason.type = "text";
    reason.maxLength = 200;
    reason.placeholder = place.dataset.reason;
    reason.setAttribute("aria-label", place.dataset.reason);
    const keep = part("button", place.dataset.keep, "button");
    keep.type = "button";
    const said = part("p", "", "fault");
    keep.addEventListener("click", async () => {
      keep.disabled = true;
      const answer = await fetch("import/plan/" + encodeURIComponent(body.token), {
        method: "POST",
        headers: { ...OWN, "Content-Type": "application/json" },
        body: JSON.stringify({ reason: reason.value }),
      });
      const told = await answer.json().catch(() => ({ sentence: place.dataset.failed }));
      if (answer.ok) window.location.href = told.address;
      else said.textContent = told.sentence;
      keep.disabled = false;
    });
    place.append(reason, keep, said);
  }

  document.addEventListener("toggle", (event) => {
    const box = event.target;
    if (!box.classList || !box.classList.contains("plan-file") || !box.open) return;
    const place = box.querySelector(".plan-file-work");
    if (!place.children.length) begin(place);
  }, true);
})();
