"""The spec layer: Schemathesis over the OpenAPI document, and the document as an oracle for everything else."""
