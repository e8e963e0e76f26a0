"""`python -m mock_server` and the command `codeocean-mock`."""

from mock_server.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="codeocean-mock")


if __name__ == "__main__":
    main()
