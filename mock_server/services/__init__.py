"""Use cases: a request in wire terms comes in, rules and rows are consulted, a wire model goes out."""
