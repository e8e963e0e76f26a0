"""What every request of the suite passes: the gate, its profiles, budgets and ledger."""
