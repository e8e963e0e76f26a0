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

// One form of the page is sent at a time: its answer may draw the others anew. A button that is pressed meanwhile comes
// after it, by its id, as by then it may be a new one. The same button again is a double click, but for the keys of the
// bar: who presses "+1 h" twice means two hours.
const waiting = [];
let awaited = null; // The button that was pressed, and its request, until the page shows the answer.

function isStep(button) {
  return document.getElementById("bar").contains(button);
}

document.addEventListener("htmx:confirm", (event) => {
  const button = event.detail.triggeringEvent?.submitter;
  if (!awaited || !button || event.detail.verb !== "post") return;
  event.preventDefault();
  if (isStep(button) || (button.id !== awaited.id && !waiting.includes(button.id))) waiting.push(button.id);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { xhr, requestConfig } = event.detail;
  const button = requestConfig.triggeringEvent?.submitter;
  if (!button || requestConfig.verb !== "post") return;
  awaited = { id: button.id, xhr };
  // An answer that is shown nowhere settles nowhere.
  xhr.addEventListener("loadend", () => setTimeout(answered, 500, xhr));
});

// One answer settles in several places, and what goes on elsewhere settles meanwhile, too.
function answered(xhr) {
  if (!awaited || xhr !== awaited.xhr) return;
  awaited = null;
  while (!awaited && waiting.length) document.getElementById(waiting.shift())?.click();
}

document.addEventListener("htmx:afterSettle", (event) => answered(event.detail.xhr));

// A form that is sent in place stays: when it is pressed again, it is meant again.
document.addEventListener("htmx:configRequest", (event) => {
  delete event.detail.parameters.once;
});

// So is one on a page that the browser had put aside, and shows again as it was.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const field of document.getElementsByName("once")) field.value += "'";
});

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
