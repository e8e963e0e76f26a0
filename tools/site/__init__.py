"""The documentation site: what `mkdocs.yml` adds to the pages of docs/."""
