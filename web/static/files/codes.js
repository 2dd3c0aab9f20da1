// Recovery codes: to the clipboard, to the printer. Without this the codes are written down or downloaded.
(() => {
  "use strict";
  const list = document.querySelector("[data-codes]");
  const said = document.querySelector("[data-said]");
  const copy = document.querySelector("[data-copy]");
  const print = document.querySelector("[data-print]");
  if (!list) return;
  print.hidden = false;
  print.addEventListener("click", () => window.print());
  if (!navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText([...list.children].map((item) => item.textContent).join("\n"));
    said.textContent = copy.dataset.copy;
  });
})();
