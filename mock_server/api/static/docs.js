"use strict";

// Swagger UI is dark by a class of the page: it follows what the system prefers, and changes with it.
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function follow() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

follow();
dark.addEventListener("change", follow);

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  showCommonExtensions: true,
  showExtensions: true, // x-since, x-evidence and x-scopes
  tryItOutEnabled: true,
  validatorUrl: null, // it would send the document to another host
});
