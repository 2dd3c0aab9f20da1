// What the pages gain with a script: the theme without a reload, reading a chart, dropping files. Nothing needs it.
(() => {
  "use strict";
  const root = document.documentElement;

  // Theme: the server draws the page in the theme of the cookie; here the button changes both at once.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.theme");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", button === event.submitter);
  });

  // Popovers in browsers that have none: a class opens one at a time.
  if (!("popover" in HTMLElement.prototype)) {
    const close = () => document.querySelectorAll("[popover].open").forEach((p) => p.classList.remove("open"));
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[popovertarget]");
      const target = button && document.getElementById(button.getAttribute("popovertarget"));
      if (!target && event.target.closest("[popover]")) return;
      const open = target && !target.classList.contains("open");
      close();
      if (open) target.classList.add("open");
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  }

  // Readout: the row of the data table that lies nearest, by pointer, touch or arrow keys.
  function readout(chart) {
    const xs = chart.dataset.readout.split(" ").map(Number);
    const rows = [...(chart.closest("figure")?.querySelectorAll("tbody tr") ?? [])];
    const plot = chart.querySelector("svg.plot");
    if (!plot || !xs.length || rows.length !== xs.length) return;
    rows.sort((a, b) => a.dataset.i - b.dataset.i);
    const heads = [...chart.closest("figure").querySelectorAll("thead th")].map((th) => th.textContent);
    const cross = Object.assign(document.createElement("div"), { className: "cross", hidden: true });
    const tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
    tip.setAttribute("role", "status");
    chart.append(cross, tip);
    chart.tabIndex = 0;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", chart.dataset.label);
    let at = -1;

    function show(i) {
      at = Math.max(0, Math.min(xs.length - 1, i));
      const frame = chart.getBoundingClientRect();
      const box = plot.getBoundingClientRect();
      const x = box.left - frame.left + (box.width * xs[at]) / 100;
      const title = document.createElement("b");
      const cells = [...rows[at].children];
      title.textContent = cells[0].textContent;
      tip.replaceChildren(title, ...cells.slice(1).flatMap((cell, n) => {
        const line = document.createElement("div");
        line.textContent = `${heads[n + 1]} ${cell.textContent}`;
        return [line];
      }));
      cross.hidden = tip.hidden = false;
      cross.style.left = `${x}px`;
      cross.style.top = `${box.top - frame.top}px`;
      const left = x + 12 + tip.offsetWidth > box.right - frame.left ? x - 12 - tip.offsetWidth : x + 12;
      tip.style.left = `${Math.max(0, left)}px`;
      tip.style.top = `${box.top - frame.top + 8}px`;
    }
    const hide = () => { cross.hidden = tip.hidden = true; at = -1; };
    const follow = (event) => {
      const box = plot.getBoundingClientRect();
      const wanted = ((event.clientX - box.left) / box.width) * 100;
      let best = 0;
      xs.forEach((x, i) => { if (Math.abs(x - wanted) < Math.abs(xs[best] - wanted)) best = i; });
      if (best !== at) show(best);
    };
    chart.addEventListener("pointermove", follow);
    chart.addEventListener("pointerdown", follow);
    chart.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
    chart.addEventListener("blur", hide);
    chart.addEventListener("keydown", (event) => {
      const last = xs.length - 1;
      const to = { ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at < 0 ? 0 : at + 1, Home: 0, End: last }[event.key];
      if (event.key === "Escape") hide();
      if (to === undefined) return;
      event.preventDefault();
      show(to);
    });
  }

  // Files: dropping fills the field, sending shows how far it is.
  const bytes = (n) => new Intl.NumberFormat(root.lang, { style: "unit", unit: n < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: 1 }).format(n < 1e6 ? n / 1e3 : n / 1e6);

  function drop(zone) {
    const form = zone.closest("form");
    const input = zone.querySelector("input[type=file]");
    const list = zone.querySelector(".drop-list");
    if (!form || !input) return;
    const names = () => {
      const items = [...input.files].slice(0, 50).map((file) => {
        const item = document.createElement("li");
        const name = document.createElement("span");
        const size = document.createElement("span");
        name.textContent = file.name;
        size.textContent = bytes(file.size);
        item.append(name, size);
        return item;
      });
      list?.replaceChildren(...items);
    };
    for (const type of ["dragenter", "dragover"]) zone.addEventListener(type, (event) => { event.preventDefault(); zone.classList.add("over"); });
    for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", names);
    form.addEventListener("submit", (event) => { if (input.files.length) { event.preventDefault(); send(form, zone, event.submitter); } });
  }

  function send(form, zone, button) {
    const request = new XMLHttpRequest();
    const bar = zone.querySelector("progress");
    const words = zone.querySelector(".drop-state");
    const say = (text) => { if (words) words.textContent = text; };
    const stop = (text) => { say(text); if (bar) bar.hidden = true; if (button) button.disabled = false; };
    if (button) button.disabled = true;
    if (bar) bar.hidden = false;
    say(zone.dataset.sending);
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !event.lengthComputable) return;
      bar.max = event.total;
      bar.value = event.loaded;
      say(`${zone.dataset.sending} ${new Intl.NumberFormat(root.lang, { style: "percent" }).format(event.loaded / event.total)}`);
    });
    request.addEventListener("error", () => stop(zone.dataset.failed));
    request.addEventListener("abort", () => stop(zone.dataset.failed));
    request.addEventListener("load", () => {
      if (request.status < 400) { location.assign(request.responseURL); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
      if (!answer) { stop(zone.dataset.failed); return; }
      document.querySelector("main").replaceWith(answer);
      start(answer);
      window.htmx?.process(answer);
      answer.querySelector("[aria-invalid=true], .banner.bad")?.scrollIntoView({ block: "center" });
    });
    request.open(form.method, form.action);
    request.send(new FormData(form));
  }

  // The browser knows the visitor's time zone; the server only guessed one.
  function guess(box) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const select = box.querySelector("select");
    const summary = box.closest("details")?.querySelector("summary");
    if (!zone || !select || ![...select.options].some((option) => option.value === zone)) return;
    if (summary) summary.textContent = summary.textContent.replace(select.value.replaceAll("_", " "), zone.replaceAll("_", " "));
    select.value = zone;
  }

  // A page that lives by server-sent events, and hears nothing for a while, asks
  // for itself again: a proxy or the browser may have swallowed the stream.
  function watch() {
    if (!document.querySelector("[hx-sse\\:connect]")) return;
    let heard = Date.now();
    document.addEventListener("htmx:sse:after:message", () => { heard = Date.now(); });
    const timer = setInterval(() => { if (!document.hidden && Date.now() - heard > 8000) location.reload(); }, 1000);
    document.addEventListener("htmx:sse:close", (event) => { if (event.detail?.reason === "message") clearInterval(timer); });
  }

  function start(part) {
    for (const box of part.querySelectorAll("[data-zone=guessed]")) guess(box);
    for (const chart of part.querySelectorAll("[data-readout]:not([tabindex])")) readout(chart);
    for (const zone of part.querySelectorAll("[data-drop]:not(.ready)")) { zone.classList.add("ready"); drop(zone); }
  }
  start(document);
  watch();
  document.addEventListener("htmx:after:swap", () => start(document));
})();
