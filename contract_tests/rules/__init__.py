"""The rules of the contract: what each says, where it is from, and which checks judge it."""
