/* What the theme leaves to be said of what it draws: the search has a name, tables that scroll are reached by the
   keyboard, and the buttons of a block of code are no landmark. */
function complete() {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) {
    box.tabIndex = 0;
  }
  for (const buttons of document.querySelectorAll(".md-code__nav")) {
    buttons.setAttribute("role", "none");
  }
}

complete();
new MutationObserver(complete).observe(document.body, { childList: true, subtree: true });
