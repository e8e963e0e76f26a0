"""Searches judged row by row, in a world of data where each filter and each order has an answer of its own."""
