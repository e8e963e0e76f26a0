"""Queries for data assets: what stands in one field and is looked for in another, phrases, case, characters, parts of
words, and the order of relevance.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import OTHER, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios.search.catalog import MAKES, Catalog, make_catalog
from contract_tests.scenarios.search.items import COMMIT, FOUND, ITEMS, LONG_NAME, RUN_SCRIPT

WORDS = (
    "quartz",
    "mica",
    "basalt",
    "granite",
    "marble",
    "opal",
    "two",
    "Gneiss",
    "talc",
    "jade",
    "raw",
    "10",
    "Twin",
    RUN_SCRIPT,
    COMMIT,
)
"""Texts that stand in some fields of some items; each is looked for in all fields of all."""

QUERIES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "field.same": (
        ("name:vein name:seam", ("vein9", "vein10", "seam")),
        ("tag:mica tag:jade", ("vein9", "far", "near", "whole", "lent")),
    ),
    "query.words_and_fields": (
        ("name:vein mica", ("vein9",)),
        ("mica name:vein", ("vein9",)),
        ("name:vein talc mica", ("vein9", "vein10")),
        ("name:seam name:far mica jade", ("seam", "far")),
        ("name:twin vein", ()),
        ("tag:mica name:near tag:jade", ()),
        ("tag:mica name:vein tag:jade", ("vein9",)),
        ("TAG:MICA quartz", ("vein9", "lent")),
        ("tag:mica jade quartz", ("vein9", "lent")),
    ),
    "query.words": (
        ("no-such-word", ()),
        ("no-such-word zircon", ("far",)),
        ("uartz", ()),
        ("granit", ()),
        ("earthed", ()),
        ("mic", ("seam",)),
        ("opa", ()),
        ("marbl", ()),
    ),
    "field.whole_value": (
        ('tag:"two words"', ("vein9",)),
        ("tag:two", ()),
        ("tag:mic", ()),
    ),
    "query.phrase": (
        ('"granite slabs"', ("vein9",)),
        ('"slabs granite"', ()),
        ('"quartz vein"', ("vein9", "vein10")),
        ('"vein 9"', ("vein9",)),
        ('"vein quartz"', ()),
        ('"two words"', ("vein9",)),
        ('"words two"', ()),
        ('"words mica"', ()),
        ('"mica granite"', ()),
        ('"onyx opal"', ()),
        ('"basalt two"', ()),
        ('"opal basalt"', ()),
        ('"red iron"', ("twin",)),
        ('"iron sand"', ("twin",)),
        ('"red iron sand"', ()),
        ('"iron red sand"', ("twin",)),
        ('"9 basalt"', ()),
        ('"marble hall"', ("vein9",)),
        ('"hall 9"', ()),
        ('"no quartz"', ("vein10",)),
    ),
    "query.separators": (
        ("unearthed-mica", ()),
        ("mica-unearthed", ("vein9",)),
        ('"mica basalt"', ("seam",)),
    ),
    "query.case": (
        ("QUARTZ", ("vein9", "vein10", "lent", "theirs")),
        ("name:QUARTZ", ("vein9", "vein10", "lent", "theirs")),
        ("NAME:vein", ("vein9", "vein10")),
        ("STRASSE", ("near",)),
        ("name:strasse", ("near",)),
        ("name:de\u0301tector", ("near",)),
        ("DE\u0301TECTOR", ("near",)),
        ("detector", ()),
        ("große", ("near",)),
        ("GROSSE", ("near",)),
        ("grosse", ("near",)),
        ("KÜCHE", ("near", "lineage")),
        ("ku\u0308che", ("near", "lineage")),
        ("kuche", ()),
        ("tag:ku\u0308ste", ("near",)),
        ("\uff4d\uff49\uff43\uff41", ("vein9", "seam", "far", "near", "lineage", "lent")),
        ("ärger", ("lineage",)),
        ("\U0001d410uartz", ("vein9", "vein10", "lent", "theirs")),
    ),
    "name.beginnings": (
        ("quart", ("vein9", "vein10", "lent", "theirs")),
        ("quartzites", ()),
        ("ecephys", ("ecephys", "sorted")),
        ("668759", ("ecephys", "sorted")),
        (LONG_NAME[:20], ("ecephys", "sorted")),
        (LONG_NAME[:21], ()),
    ),
    "name.punctuation": (
        ("2023-04-11", ()),
        ("06", ()),
        ("04", ()),
        (LONG_NAME, ("ecephys",)),
        (LONG_NAME.upper(), ("ecephys",)),
        (f"{LONG_NAME}_sorted", ("sorted",)),
    ),
    "name.inside": (
        ("name:uartz", ("vein9", "vein10", "lent", "theirs")),
        ("name:quartzites", ()),
        ('name:"tz v"', ("vein9", "vein10")),
        ('name:"z  v"', ()),
        (f"name:{LONG_NAME[:20]}", ("ecephys", "sorted")),
        (f"name:{LONG_NAME[5:25]}", ("ecephys", "sorted")),
        ("name:_sorted", ("sorted",)),
    ),
    "name.long": (
        (f"name:{LONG_NAME}", ("ecephys",)),
        (f"name:{LONG_NAME[5:26]}", ()),
        (f"name:{LONG_NAME[:21]}", ()),
    ),
    "query.no_operators": (
        ("zircon OR twin", ("far", "twin", "double", "remote")),
        ("zirc*", ("far",)),
        ("(zircon)", ("far",)),
        ("-zircon", ("far",)),
    ),
    "query.ignored": (
        ('"zircon', ("far",)),
        ("zircon -", ("far",)),
        ("-", ()),
        ("", FOUND),
        ("  ", FOUND),
    ),
    "query.unknown_field": (
        ("subject:zircon", ("far",)),
        ("subject:none zircon", ("far",)),
        ("doi:zircon", ("far",)),
        ("data-level.x:zircon", ("far",)),
        ('odd:"" zircon', ("far",)),
    ),
}
"""Queries and what they find, by the rule that says so."""

ALL_FIRST: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("mica talc", ("lineage", "seam", "vein9", "lent", "near", "vein10", "far")),
    ("talc mica", ("lineage", "seam", "vein9", "lent", "near", "vein10", "far")),
    ("mica jade", ("seam", "far", "vein9", "lent", "whole", "near", "lineage")),
    ("mica - jade", ("seam", "far", "vein9", "lent", "whole", "near", "lineage")),
    ("basalt granite", ("seam", "vein9", "lineage", "vein10", "theirs")),
    ('"quartz vein" marble', ("vein10", "vein9")),
)
"""Queries of several words, and what they find: what has every word comes first."""

RANKED: tuple[tuple[str, tuple[str, ...]], ...] = (
    # A name counts 8, a tag 4, a description 2, custom metadata 1; the newer one comes first of equal ones.
    ("mica", ("seam", "vein9", "lent", "near", "lineage", "far")),
    ("quartz", ("vein10", "theirs", "lent", "vein9")),
    ("raw", ("theirs", "whole", "lineage")),
    ("jade", ("whole", "far", "seam")),
    ("basalt", ("seam", "lineage", "vein9", "vein10", "theirs")),
)
"""Queries of one word, and what they find in the order of relevance."""

REFUSED = {
    "empty_field": ("name:", 'tag:""', 'name:" "'),
    "empty_quotes": ('""', 'mica ""'),
    "query_length": ("x " * 101, "x" * 10_001),
}
"""Queries that are refused, by what refuses them."""


@check(*MAKES, full=True)
def words_of_data_assets(deployment: Deployment) -> None:
    """Words are found in the fields that they are looked for in, and in no other: phrases, any case, every way to write
    a character, parts of names.
    """
    with make_catalog(deployment) as catalog:
        for word in WORDS:
            for what, request, finds in _everywhere(catalog, word):
                actual = catalog.find(request)
                expect(
                    sorted(actual) == sorted(finds),
                    f"a search for {word} in {what} finds {sorted(actual)}, not {sorted(finds)}",
                    "search.field.only_its_own",
                )
        part = catalog.rows["far"].id
        for query, finds in (
            (f"contained_data_id:{part}", ["whole"]),
            (f"contained_data_id:{part[:8]}", []),
            (part, []),
            (f"contained_data_id:{part.upper()}", ["whole"]),
            (f'commit_id:"{COMMIT}"', ["lineage"]),
            (f'commit_id:"{COMMIT[:4]}"', []),
            (f'run_script:"{RUN_SCRIPT}"', ["lineage"]),
            (f'run_script:"{RUN_SCRIPT.split()[0]}"', []),
        ):
            catalog.expect_found(finds, {"query": query}, rules=["search.field.whole_value"])


@check(*MAKES, full=True)
def queries_of_data_assets(deployment: Deployment) -> None:
    """Queries find what the search language says, and the most relevant comes first; what is empty is refused."""
    with make_catalog(deployment) as catalog:
        for rule, queries in QUERIES.items():
            for query, finds in queries:
                catalog.expect_found(finds, {"query": query}, rules=[f"search.{rule}"])
        for rule, in_order in (("query.all_first", ALL_FIRST), ("order.relevance", RANKED)):
            for query, ranked in in_order:
                catalog.expect_order(ranked, {"query": query}, rules=[f"search.{rule}"])
                # An order without a field to sort by is ignored.
                without = {"query": query, "sort_order": "asc"}
                catalog.expect_order(ranked, without, rules=["search.order.ascending"])
                by_date = catalog.sorted_by("created", "asc", ranked)
                sorting = {"query": query, "sort_field": "created"}
                catalog.expect_order(by_date, sorting, rules=["search.order.created"])
        catalog.expect_found(("hidden", "lent", "theirs"), {"query": "quartz"}, OTHER, rules=["search.select.visible"])
        for rule, refused in REFUSED.items():
            for query in refused:
                catalog.expect_refused({"query": query}, f"search.refused.{rule}")


def _everywhere(catalog: Catalog, word: str) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Searches for a word in each field: which one, the request, what it finds."""
    filters = {"name": "name", "description": "description", "tags": "tags"} | catalog.fields
    for key in ("name", "tag", "run_script", "commit_id", "contained_data_id"):
        yield f"{key}:", {"query": f'{key}:"{word}"'}, _having(catalog, key, word)
    yield "all fields", {"query": f'"{word}"'}, _having(catalog, "free", word)
    for role in ("name", "description", "tags", "text", "many", "number"):
        if role in filters:
            request = {"filters": [{"key": filters[role], "value": word}]}
            yield f"the filter on {role}", request, _having(catalog, role, word)


def _having(catalog: Catalog, field: str, word: str) -> list[str]:
    return [key for key in FOUND if _has(catalog, key, field, word.casefold())]


def _has(catalog: Catalog, key: str, field: str, word: str) -> bool:
    """Whether an item has a word in a field."""
    item, provenance = ITEMS[key], catalog.rows[key].provenance
    match field:
        case "name":
            return word in item.name.casefold()
        case "tag" | "tags":
            return word in map(str.casefold, item.tags)
        case "description":
            return _follow(item.description or "", word)
        case "run_script" | "commit_id":
            value = provenance and (provenance.run_script if field == "run_script" else provenance.commit)
            return str(value or "").casefold() == word
        case "contained_data_id":
            return False
        case "free":
            shown = [value for role, value in item.values.items() if role in catalog.fields]
            texts = [str(one) for value in shown for one in (value if isinstance(value, list) else [value])]
            begins = any(name.startswith(word) for name in item.name.casefold().replace(",", " ").split())
            return begins or any(_follow(text, word) for text in (*item.tags, item.description or "", *texts))
    value = item.values.get(field, [])
    return word in [str(one).casefold() for one in (value if isinstance(value, list) else [value])]


def _follow(text: str, phrase: str) -> bool:
    """Whether the words of a phrase are words of a text, one behind the other."""
    return f" {' '.join(_words(phrase))} " in f" {' '.join(_words(text))} "


def _words(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text.casefold()).split()
