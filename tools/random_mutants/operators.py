"""Operators that cosmic-ray has none of: texts, statements, arguments, elements, operands."""

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from tools.random_mutants import sql_clauses
from tools.random_mutants.edits import SPEC_ALONE, Edit, Module

TWINS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list"}
"""Built-in functions that take another's place."""

TIDYING = frozenset({"lower", "upper", "casefold", "strip", "lstrip", "rstrip", "title"})
"""Methods of texts that are left out."""


def edits(module: Module) -> Iterator[Edit]:
    """All edits of a module, but those of what nobody could see."""
    for node in ast.walk(module.tree):
        for operator in OPERATORS:
            for edit in operator(module, node):
                if not module.is_silent(edit.start, edit.end):
                    yield edit


def _membership(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
        start, end = module.span(node.left)[1], module.span(node.comparators[0])[0]
        between = module.source[start:end]
        if isinstance(node.ops[0], ast.NotIn):
            yield Edit("membership", start, end, between.replace("not in", "in"))
        else:
            yield Edit("membership", start, end, between.replace("in", "not in", 1))


def _text(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.JoinedStr):
        yield Edit("text", *module.span(node), '""')
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_in_joined(module, node):
        if sql_clauses.is_sql(node.value):
            return
        start, end = module.span(node)
        if node.value:
            yield Edit("text", start, end, '""')
        if not _is_wording(module, start):
            yield Edit("text", start, end, repr(f"{node.value}x"))


def _is_in_joined(module: Module, node: ast.Constant) -> bool:
    """The texts of an f-string have its position, not theirs."""
    start, _ = module.span(node)
    return module.source[start : start + 3].lower().startswith(("f'", 'f"', "rf", "fr"))


def _is_wording(module: Module, start: int) -> bool:
    """Whether it is the message of an error: that there is one is promised, its words are not."""
    line = module.source[module.source.rfind("\n", 0, start) + 1 : start]
    return "raise " in line or "Error(" in line


def _statement(module: Module, node: ast.AST) -> Iterator[Edit]:
    for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
        if isinstance(node, ast.Module | ast.ClassDef) or not isinstance(body, list):
            continue
        for child in body:
            if isinstance(child, ast.Expr | ast.Assign | ast.AugAssign | ast.If | ast.For | ast.Raise | ast.Delete):
                yield Edit("statement", *module.span(child), "pass")


def _returned(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Return) and node.value is not None and module.code(node.value) != "None":
        yield Edit("return", *module.span(node.value), "None")


def _arguments(module: Module, node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Call):
        return
    yield from _swapped(module, "swapped arguments", node.args)
    whole: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    for number, word in enumerate(node.keywords, len(node.args)):
        if word.arg is not None and word.arg not in _UNSEEN | SPEC_ALONE:
            yield _without(module, "dropped argument", whole, number)


_UNSEEN = frozenset({"strict", "maxsize", "default_factory", "frozen", "slots"})
"""Arguments without which nothing that a client sees is different, or nothing starts."""


def _elements(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Tuple | ast.List | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        if not isinstance(node, ast.Set):
            yield from _swapped(module, "swapped elements", node.elts)
        if len(node.elts) > 2:
            yield from (_without(module, "dropped element", node.elts, number) for number in range(len(node.elts)))
    elif isinstance(node, ast.Dict) and None not in node.keys and len(node.keys) > 1:
        both = zip(node.keys, node.values, strict=True)
        pairs = [(module.span(key)[0], module.span(value)[1]) for key, value in both if key is not None]
        yield from (_cut(module, "dropped element", pairs, number) for number in range(len(pairs)))


def _swapped(module: Module, operator: str, nodes: list[ast.expr]) -> Iterator[Edit]:
    for one, other in pairwise(nodes):
        if isinstance(one, ast.Starred) or isinstance(other, ast.Starred) or ast.dump(one) == ast.dump(other):
            continue
        (start, first_end), (second_start, end) = module.span(one), module.span(other)
        text = module.code(other) + module.source[first_end:second_start] + module.code(one)
        yield Edit(operator, start, end, text)


def _without(module: Module, operator: str, nodes: Sequence[ast.AST], number: int) -> Edit:
    return _cut(module, operator, [module.span(node) for node in nodes], number)


def _cut(module: Module, operator: str, spans: list[tuple[int, int]], number: int) -> Edit:
    """Take one of several out, with the comma before or after it."""
    start, end = spans[number]
    if number + 1 < len(spans):
        return Edit(operator, start, spans[number + 1][0], "")
    return Edit(operator, spans[number - 1][1] if number else start, end, "")


def _operands(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        for number in range(len(node.values)):
            rest = [module.code(value) for place, value in enumerate(node.values) if place != number]
            word = " and " if isinstance(node.op, ast.And) else " or "
            yield Edit("dropped condition", *module.span(node), word.join(rest))
    elif isinstance(node, ast.IfExp):
        yield Edit("dropped condition", *module.span(node), module.code(node.body))
        yield Edit("dropped condition", *module.span(node), module.code(node.orelse))
    elif isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield Edit("dropped condition", *module.span(condition), "True")


def _calls(module: Module, node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id in TWINS and not (node.func.id == "sorted" and node.keywords):
        yield Edit("call", *module.span(node.func), TWINS[node.func.id])
    if isinstance(node.func, ast.Attribute) and node.func.attr in TIDYING and not node.args:
        yield Edit("call", *module.span(node), module.code(node.func.value))


def _slices(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Slice):
        yield from (Edit("slice", *module.span(bound), "") for bound in (node.lower, node.upper) if bound)


def _sql(module: Module, node: ast.AST) -> Iterator[Edit]:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_in_joined(module, node)
    if is_text or isinstance(node, ast.JoinedStr):
        start, end = module.span(node)
        code = module.source[start:end]
        if sql_clauses.is_sql(code):
            yield from (Edit("sql", start + first, start + last, text) for first, last, text in sql_clauses.cuts(code))


Operator = Callable[[Module, ast.AST], Iterator[Edit]]

OPERATORS: tuple[Operator, ...] = (
    _membership, _text, _statement, _returned, _arguments, _elements, _operands, _calls, _slices, _sql,
)  # fmt: skip
