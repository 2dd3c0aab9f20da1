// What the settings gain with a script. Nothing needs it.
(() => {
  "use strict";
  // A colour as text and in the browser's palette: one follows the other.
  function pick(box) {
    const palette = box.querySelector("input[type=color]");
    const text = box.querySelector("input[type=text]");
    if (!palette || !text) return;
    palette.addEventListener("input", () => { text.value = palette.value; });
    text.addEventListener("input", () => { if (/^#[0-9a-f]{6}$/i.test(text.value)) palette.value = text.value.toLowerCase(); });
  }

  // What is shown once can be copied, where the browser allows it.
  function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(source.textContent).then(() => {
      button.parentElement.querySelector("[role=status]").textContent = button.dataset.copied;
    }, () => getSelection().selectAllChildren(source)));
  }

  for (const box of document.querySelectorAll("[data-pick]")) pick(box);
  for (const button of document.querySelectorAll("[data-copy][hidden]")) copy(button);
})();
