"use strict";

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
