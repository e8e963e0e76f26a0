// What the pages do beside htmx: clocks that tick, and buttons that copy. Nothing depends on it.
"use strict";

const arrived = new WeakMap();

function tick() {
  for (const shown of document.querySelectorAll("time[data-now]")) {
    if (!arrived.has(shown)) arrived.set(shown, performance.now());
    const passed = ((performance.now() - arrived.get(shown)) / 1000) * Number(shown.dataset.scale);
    const at = new Date((Number(shown.dataset.now) + passed) * 1000);
    if (!Number.isNaN(at.getTime())) {
      const text = at.toISOString();
      shown.dateTime = text;
      shown.textContent = `${text.slice(0, 10)} ${text.slice(11, 19)}`;
    }
  }
}

function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll("pre[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy: ${block.getAttribute("aria-label") || "these lines"}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
    });
    block.before(button);
  }
}

addCopyButtons();
tick();
setInterval(tick, 1000);
