"""The operators of cosmic-ray that are used: comparisons, arithmetic, numbers, truth values, loops."""

from collections import Counter
from collections.abc import Iterator

import cosmic_ray.mutating
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators import (
    binary_operator_replacement,
    boolean_replacer,
    break_continue,
    comparison_operator_replacement,
    number_replacer,
    unary_operator_replacement,
    zero_iteration_for_loop,
)
from cosmic_ray.operators.operator import Operator

_COMPARISONS = (
    "Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt", "Is_IsNot",
    "IsNot_Is",
)  # fmt: skip
_ARITHMETIC = (
    "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "Mod_Add", "BitOr_BitAnd", "BitAnd_BitOr",
)  # fmt: skip

KINDS: dict[str, tuple[Operator, ...]] = {
    "comparison": tuple(
        getattr(comparison_operator_replacement, f"ReplaceComparisonOperator_{name}")() for name in _COMPARISONS
    ),
    "arithmetic": tuple(
        getattr(binary_operator_replacement, f"ReplaceBinaryOperator_{name}")() for name in _ARITHMETIC
    ),
    "number": (number_replacer.NumberReplacer(),),
    "boolean": (
        boolean_replacer.ReplaceTrueWithFalse(),
        boolean_replacer.ReplaceFalseWithTrue(),
        boolean_replacer.ReplaceAndWithOr(),
        boolean_replacer.ReplaceOrWithAnd(),
        boolean_replacer.AddNot(),
        unary_operator_replacement.ReplaceUnaryOperator_Delete_Not(),
    ),
    "sign": (unary_operator_replacement.ReplaceUnaryOperator_USub_UAdd(),),
    "loop": (
        break_continue.ReplaceBreakWithContinue(),
        break_continue.ReplaceContinueWithBreak(),
        zero_iteration_for_loop.ZeroIterationForLoop(),
    ),
}

_NODES = frozenset(
    {"comparison", "operator", "number", "keyword", "if_stmt", "while_stmt", "test", "factor", "not_test", "for_stmt"}
)
"""Types of nodes that any of them changes."""


def positions(source: str) -> Iterator[tuple[str, Operator, int, tuple[int, int]]]:
    """What can be changed in a source: kind, operator, which of its occurrences, line and column."""
    seen: Counter[Operator] = Counter()
    operators = [(kind, operator) for kind, several in KINDS.items() for operator in several]
    for node in ast_nodes(get_ast(source)):
        if node.type in _NODES:
            for kind, operator in operators:
                for start, _ in operator.mutation_positions(node):
                    yield kind, operator, seen[operator], start
                    seen[operator] += 1


def mutated(source: str, operator: Operator, occurrence: int) -> str:
    """The source with one occurrence changed."""
    changed: str | None = cosmic_ray.mutating.mutate_code(source, operator, occurrence)
    assert changed is not None, (operator, occurrence)
    return changed
