"""Reading the search index: conditions as SQL, pages, totals."""
