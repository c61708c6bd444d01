"""The pages: whatever a page or a module sends its reader to, is there."""

import re
from pathlib import Path

from tests.rules import house

FOLDERS = "docs|tests|bench|examples|fixtures|child_index|matching|api"
NAMED = re.compile(rf"(?<![\w/.-])((?:{FOLDERS})/[\w./-]*\w\.(?:md|py|csv|json|toml))\b")
LINKED = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
# Pages that others already point to and that are still to be written: take them out as they land.
FORESEEN: set[str] = set()


def pointers(text: str, page: Path) -> set[str]:
    """What the text of a page names or links to, as paths in the project."""
    named = set(NAMED.findall(text))
    if page.suffix != ".md":  # code has other brackets
        return named
    links = {(house.ROOT / page.parent / link).resolve() for link in LINKED.findall(text)}
    return named | {str(link.relative_to(house.ROOT)) for link in links}


def missing(text: str, page: Path) -> set[str]:
    return {name for name in pointers(text, page) if not (house.ROOT / name).exists()}


def test_what_a_page_sends_its_reader_to_is_there():
    dead = {
        f"{page} → {name}"
        for page in house.all_files()
        if page.suffix in {".md", ".py"} and page != Path("tests/rules/test_docs.py")
        for name in missing((house.ROOT / page).read_text(encoding="utf-8"), page) - FORESEEN
    }
    assert not dead, "\n" + "\n".join(sorted(dead))


def test_a_dead_pointer_would_be_noticed():
    page = Path("docs/architecture.md")
    assert missing("see docs/no-such-page.md", page) == {"docs/no-such-page.md"}
    assert missing("[it](no-such-page.md)", page) == {"docs/no-such-page.md"}
    assert missing("[it](permissions.md), docs/settings.md, https://a.org/docs/b.md", page) == set()
