"""Transport of every request of the suite: the gate, its profiles, budgets and ledger."""
