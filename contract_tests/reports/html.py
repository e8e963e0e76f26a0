"""The report as one HTML file that needs nothing else: no script, no font, no request."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from contract_tests.reports.report import BUDGETS, ENDINGS, Report, RuleState, pluralize


def html(report: Report) -> str:
    """The document."""
    environment = Environment(
        loader=PackageLoader("contract_tests.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pluralize"] = pluralize
    template = environment.get_template("report.html")
    return template.render(report=report, endings=ENDINGS, budgets=BUDGETS, states=(*RuleState,))
