"""Operations of the public API and of the control plane: how they are declared, found by path, described in OpenAPI."""
