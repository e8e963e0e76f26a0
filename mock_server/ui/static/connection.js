// Says when the server does not answer, or no longer keeps the page up to date. Without scripts the browser says so.
"use strict";

const stale = document.getElementById("stale");

function note(text, tone) {
  const shown = document.createElement("p");
  shown.className = `note ${tone}`;
  shown.textContent = text;
  return shown;
}

document.addEventListener("htmx:sendError", () => {
  const text = "The server did not answer. What you entered is still here: try again once the server is running.";
  const shown = note(text, "bad");
  document.getElementById("notes").replaceChildren(shown);
  document.addEventListener("htmx:beforeOnLoad", () => shown.remove(), { once: true });
});

// A stream that is refused is asked for again ever more rarely: whatever the reason, the page itself tells it.
document.addEventListener("htmx:sseError", (event) => {
  const isRefused = event.detail.source.readyState === EventSource.CLOSED;
  const shown = note(isRefused ? "This page is no longer kept up to date. " : "The server does not answer. This page shows what was last known.", "warn");
  if (isRefused) {
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = "Reload";
    shown.append(link);
  }
  stale.replaceChildren(shown);
});

document.addEventListener("htmx:sseOpen", () => stale.replaceChildren());
