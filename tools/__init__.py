"""What maintainers run and no test suite does: generators, mutants, other releases and clients, screenshots."""
