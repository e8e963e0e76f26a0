"""Result files as they are written down: with their content, or as templates that are rendered when a run starts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from mock_server.documents.seed_parts import (
    AnyOf,
    Base64,
    FileText,
    Part,
    SeedFile,
    Size,
    inside,
    refuse_files_of_the_service,
    refuse_two_in_one_place,
)
from mock_server.domain.scenarios import ResultTemplates, is_template
from mock_server.input_errors.paths import FieldPath

if TYPE_CHECKING:
    from mock_server.run_templates.program import Formula, Program, Use

Source = Annotated[str, Field(min_length=1, max_length=100_000)]
"""The text of a template, with as many characters as `run_templates.source` takes."""


class SeedTemplate(Part):
    """A result file that is rendered when a run starts. Its `path` is a template, and its content is one (`template`),
    or is written down as that of other files. With `for_each`, an expression, there is a file for each element.
    """

    for_each: Source | None = None
    path: Source
    template: Source | None = None
    text: FileText | None = None
    base64: Base64 | None = None
    size: Size | None = None
    files: Annotated[Size, Field(ge=1)] | None = None
    drawn_from: str | None = None

    @field_validator("for_each")
    @classmethod
    def _is_expression(cls, text: str | None) -> str | None:
        # Late: whoever has no templates does without jinja2.
        from mock_server.run_templates import program

        if text is not None:
            program.expression(text, program.NAMES)
        return text

    @field_validator("path", "template")
    @classmethod
    def _is_template(cls, text: str | None, info: ValidationInfo) -> str | None:
        from mock_server.run_templates import program

        if text is not None:
            # A `for_each` that is wrong itself is not among the data.
            is_alone = info.data.get("for_each", "") is None
            program.template(text, program.NAMES if is_alone else program.NAMES_OF_EACH)
        return text

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if sum(given is not None for given in (self.template, self.text, self.base64, self.size)) != 1:
            raise ValueError("needs exactly one of template, text, base64 and size")
        if self.size is None and (self.files is not None or self.drawn_from is not None):
            raise ValueError("files and drawn_from go with a size alone")
        if "{" not in self.path:
            inside(self.path)
        return self


# Other words than those of fields: in the path of what is wrong, the names of types are told from fields by that.
_PLAIN, _RENDERED = "plain file", "rendered file"


def _kind(file: Any) -> str:
    is_rendered = is_template(file) if isinstance(file, dict) else isinstance(file, SeedTemplate)
    return _RENDERED if is_rendered else _PLAIN


def _refuse_too_much(files: list[SeedFile | SeedTemplate]) -> list[SeedFile | SeedTemplate]:
    several = [file for file in files if isinstance(file, SeedTemplate)]
    if several:
        from mock_server.run_templates import budget

        if sum(program.tokens for file in several for _, program in read(file)) > budget.TOKENS:
            raise ValueError(budget.TOO_MANY_TOKENS)
    return files


def read(file: SeedTemplate) -> "Iterator[tuple[str, Program | Formula]]":
    """What was read of a file's templates, by field."""
    from mock_server.run_templates import program

    names = program.NAMES if file.for_each is None else program.NAMES_OF_EACH
    if file.for_each is not None:
        yield "for_each", program.expression(file.for_each, program.NAMES)
    yield "path", program.template(file.path, names)
    if file.template is not None:
        yield "template", program.template(file.template, names)


ResultFile = Annotated[
    Annotated[SeedFile, Tag(_PLAIN)] | Annotated[SeedTemplate, Tag(_RENDERED)], Discriminator(_kind), AnyOf()
]

Results = Annotated[
    list[ResultFile],
    AfterValidator(refuse_two_in_one_place),
    AfterValidator(refuse_files_of_the_service),
    AfterValidator(_refuse_too_much),
]
"""What a run leaves."""


def _log(text: str) -> str:
    from mock_server.run_templates import program

    program.template(text, program.NAMES)
    return text


LogTemplate = Annotated[
    Source,
    AfterValidator(_log),
    Field(description="The log of a run, as a template; its lines appear while the run is running"),
]


def plain(files: list[SeedFile | SeedTemplate]) -> list[SeedFile]:
    """The files that are no templates."""
    return [file for file in files if isinstance(file, SeedFile)]


def templates(files: list[SeedFile | SeedTemplate], log: str | None) -> ResultTemplates:
    """What is rendered when a run starts."""
    rendered = (file.model_dump(exclude_none=True) for file in files if isinstance(file, SeedTemplate))
    return ResultTemplates(tuple(rendered), log)


def refuse_plain(files: list[SeedFile | SeedTemplate]) -> list[SeedFile | SeedTemplate]:
    """Raise `ValueError` when one is no template."""
    if plain(files):
        raise ValueError("holds a file that is no template")
    return files


def uses(files: list[SeedFile | SeedTemplate], log: str | None) -> "Iterator[tuple[FieldPath, Use]]":
    """The parameters that the templates of a capsule cannot do without, and in which field each is used."""
    for number, file in enumerate(files):
        if isinstance(file, SeedTemplate):
            for field, found in read(file):
                yield from ((("results", number, field), use) for use in found.needs)
    if log is not None:
        from mock_server.run_templates import program

        yield from ((("log_template",), use) for use in program.template(log, program.NAMES).needs)
