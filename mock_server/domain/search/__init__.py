"""The search language: queries, conditions on objects, pages."""
