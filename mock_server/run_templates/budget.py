"""What the templates of one run may cost: counted rather than measured, so that the same run always ends the same."""

from mock_server.run_templates.messages import one_line

STEPS = 80_000
"""The work of all templates of one run: a step is a quarter of a microsecond at most."""

TOKENS = 1500
"""The words and signs in the tags of all templates of one run, which are read when they are not remembered."""

CHARACTERS_A_STEP = 32
"""How many characters are copied or written in one step."""

CHARACTERS_SEARCHED_A_STEP = 4
"""How many characters are looked through for others in one step, at worst."""

OUTPUT_BYTES = 1_000_000
"""The bytes that all templates of one run write: what a text in a seed file may have, and less than 1 MiB."""

WORK_OF_A_PIECE = 3
"""The steps in which a piece of text is written, however short it is."""

WORK_OF_A_FILE = 40
"""The steps in which a file is begun."""

FILES = 1000
"""The files that all templates of one run write."""

TOO_MANY_TOKENS = f"the templates of a run have more than {TOKENS} words and signs in their tags"


class RenderingError(Exception):
    """A template that cannot be rendered with the values of this run; the message is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class MissingValueError(RenderingError):
    """A value that this run does not have."""


class Budget:
    """What is left of the work and the output of one run."""

    __slots__ = ("_bytes", "_files", "_steps", "_tokens")

    def __init__(self) -> None:
        self._steps, self._tokens, self._bytes, self._files = STEPS, TOKENS, OUTPUT_BYTES, FILES

    def read(self, tokens: int) -> None:
        """Count a template that is read, whether it is still remembered or not. Raises `RenderingError`."""
        self._tokens -= tokens
        if self._tokens < 0:
            raise RenderingError(TOO_MANY_TOKENS)

    def spend(self, steps: int) -> None:
        """Count work. Raises `RenderingError` when it is more than is left."""
        self._steps -= steps
        if self._steps < 0:
            raise RenderingError(f"takes more than {STEPS} steps")

    def spend_on_text(self, characters: int) -> None:
        """Count the work on a text, before it is done. Raises `RenderingError`."""
        self.spend(1 + characters // CHARACTERS_A_STEP)

    def spend_on_search(self, characters: int) -> None:
        """Count the work of looking for a text in another, or of changing each character. Raises `RenderingError`."""
        self.spend(1 + characters // CHARACTERS_SEARCHED_A_STEP)

    @property
    def left(self) -> int:
        """The steps that are left."""
        return self._steps

    def write(self, text: str) -> str:
        """Count a piece of text that is written. Raises `RenderingError` for one that cannot be."""
        self.spend(WORK_OF_A_PIECE)
        try:
            self._bytes -= len(text.encode())
        except UnicodeEncodeError:
            raise RenderingError("writes what is not Unicode text") from None
        if self._bytes < 0:
            raise RenderingError(f"writes more than {OUTPUT_BYTES} bytes")
        return text

    def add_file(self) -> None:
        """Count a file. Raises `RenderingError`."""
        self.spend(WORK_OF_A_FILE)
        self._files -= 1
        if self._files < 0:
            raise RenderingError(f"writes more than {FILES} files")
