// What the pages do beside htmx: clocks that tick, buttons that copy, logs that stand still while one reads above their
// end. Nothing depends on it.
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
    const lines = document.createElement("div");
    lines.className = "lines";
    block.replaceWith(lines);
    lines.append(button, block);
  }
}

// A log is scrolled from its end, where it shows what comes: above it, it would move on with every line.
let reading = null;

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const log = event.target.querySelector(".log");
  reading = log && log.scrollTop < 0 ? { place: log.scrollTop, height: log.scrollHeight } : null;
});

document.addEventListener("htmx:sseMessage", (event) => {
  const log = event.target.querySelector(".log");
  if (log && reading) log.scrollTop = reading.place - (log.scrollHeight - reading.height);
});

// Who presses a button, or Enter, need not be asked for again by a search that waits for the end of typing: it would send
// the same, or undo what was pressed.
let pressed = null;
const asking = new Set();
const asked = new WeakMap();

function fields(form) {
  return new URLSearchParams(new FormData(form)).toString();
}

document.addEventListener("htmx:confirm", (event) => {
  const sender = event.target;
  if (sender.matches("input[data-stay]") && pressed?.isConnected) event.preventDefault();
  if (!sender.matches("form.search") || asked.get(sender) !== fields(sender)) return;
  if (asking.has(sender) || event.detail.triggeringEvent.type !== "submit") event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const sender = event.target;
  if (sender.matches(".picker button")) pressed = sender;
  if (!sender.matches("form.search")) return;
  asking.add(sender);
  asked.set(sender, fields(sender));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target === pressed) pressed = null;
  asking.delete(event.target);
});

// A search inside a form shows what it finds while one types: Enter is not to send the whole form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input[data-stay]")) event.preventDefault();
});

// Where a picture is wider than the window, what it is of is in sight first.
function showItself() {
  for (const box of document.querySelectorAll(".provenance .itself")) {
    const frame = box.closest(".scroll");
    const [at, around] = [box.getBoundingClientRect(), frame.getBoundingClientRect()];
    frame.scrollLeft += at.left + at.width / 2 - around.left - around.width / 2;
  }
}

addCopyButtons();
showItself();
tick();
setInterval(tick, 1000);
