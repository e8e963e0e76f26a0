// Forms that are sent in place, beside htmx: questions are asked in the one dialog of the page, the keyboard stays where
// it was, and a note goes when it is no longer true. Without scripts a question is a page of its own.
"use strict";

const ask = document.getElementById("ask");
const notes = document.getElementById("notes");

document.addEventListener("htmx:afterSwap", () => {
  if (ask.childElementCount && !ask.open) ask.showModal();
});

ask.addEventListener("click", (event) => {
  if (event.target.closest("[data-cancel]")) {
    event.preventDefault();
    ask.close();
  }
});

// The browser gives the keyboard back to where it was before the question.
ask.addEventListener("close", () => ask.replaceChildren());

// A key of the bar that is pressed while another one is being answered comes after it: by then the bar is a new one.
const bar = () => document.getElementById("bar");
const waiting = [];
let awaited = null; // The request of a key, until the page shows its answer.

document.addEventListener("htmx:confirm", (event) => {
  const key = event.detail.triggeringEvent?.submitter;
  if (!awaited || !key || !bar().contains(key)) return;
  event.preventDefault();
  waiting.push(key.id);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (bar().contains(event.target)) awaited = event.detail.xhr;
});

// One answer settles in several places, and what goes on elsewhere settles meanwhile, too.
function answered(event) {
  if (!awaited || event.detail.xhr !== awaited) return;
  awaited = null;
  document.getElementById(waiting.shift())?.click();
}

document.addEventListener("htmx:afterSettle", answered);
document.addEventListener("htmx:sendError", answered);

// What had the keyboard may be gone with what it was pressed for, or be switched off.
document.addEventListener("htmx:afterSettle", (event) => {
  const sent = event.detail.requestConfig;
  if (sent && sent.verb === "post" && document.activeElement === document.body) {
    document.getElementById("main").focus({ preventScroll: true });
  }
});

// "The run has been started." is old once its state is another one.
let state = null;

function stateOf(part) {
  return part.getAttribute("sse-swap") === "status" ? part.querySelector(".badge")?.textContent : null;
}

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  state = stateOf(event.target);
});

document.addEventListener("htmx:sseMessage", (event) => {
  if (state && stateOf(event.target) !== state) notes.replaceChildren();
});
