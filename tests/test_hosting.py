"""The samples for servers in docs/guides/hosting.md say what the built site needs."""

import re
from pathlib import Path

import pytest

from build_tools.publish import FRAMED, POLICY
from tests.makers import PROJECT

GUIDE = (PROJECT / "docs" / "guides" / "hosting.md").read_text(encoding="utf-8")
# What servers know without being told, with the types that browsers need.
KNOWN = {"", "css", "html", "js", "json", "png", "svg", "txt", "woff2", "xlsx", "xml", "zip"}


def sample(name: str) -> str:
    """Return the code block below a heading of the guide, without what is only a comment."""
    block = re.search(rf"^## {name}\n\n((?:    .*\n|\n)+)", GUIDE, re.MULTILINE)
    assert block, name
    return "\n".join(line for line in block[1].splitlines() if not line.strip().startswith("#"))


@pytest.mark.parametrize("name", ["nginx", "Caddy"])
def test_a_sample_sends_what_the_headers_file_sends(built_site: Path, name: str) -> None:
    """Each header for all files is in the sample with its value, and so is the rule for frames, with its exception."""
    rules = (built_site / "_headers").read_text(encoding="utf-8")
    of_all = re.match(r"/\*\n((?:  .*\n)+)", rules)
    assert of_all
    text = sample(name)
    for header, value in re.findall(r"  ([\w-]+): (.*)", of_all[1]):
        assert re.search(rf'{header} "{re.escape(value)}"', text), header
    (frames,) = set(re.findall(r"Content-Security-Policy: (.*)", rules))
    assert f'"{frames}"' in text
    for folder in FRAMED:
        assert re.search(
            rf"/\(en/\)\?{folder}/" if name == "nginx" else rf"not path /{folder}/\* /en/{folder}/\*", text
        )


@pytest.mark.parametrize("name", ["nginx", "Caddy"])
def test_a_sample_leaves_the_policy_of_pages_to_the_pages(name: str) -> None:
    """No rule that a page states is stated by the server too, where it would drift; and the other way round."""
    of_pages = {rule.split()[0] for rule in POLICY.split(";")}
    text = sample(name)
    assert "script-src" in of_pages
    assert not [rule for rule in of_pages if rule in text]
    assert "frame-ancestors" not in of_pages


@pytest.mark.parametrize("name", ["nginx", "Caddy"])
def test_a_sample_has_a_type_for_every_file(built_site: Path, name: str) -> None:
    """Every ending of a file in the site is one that servers know, or the sample names it."""
    endings = {path.suffix[1:] for path in built_site.rglob("*") if path.is_file() and path.name != "_headers"}
    text = sample(name)
    if name == "nginx":
        block = re.search(r"types \{(.*?)\}", text, re.DOTALL)
        assert block
        named = {ending for line in block[1].split(";") for ending in line.split()[1:]}
    else:
        named = set(re.findall(r"\*\.(\w+)", text))
    assert endings - KNOWN == named


@pytest.mark.parametrize("name", ["nginx", "Caddy"])
def test_what_is_kept_for_good_has_a_checksum_in_its_name(built_site: Path, name: str) -> None:
    """A folder whose files browsers may keep for good holds only names that change with what is in the file."""
    folders = {"assets/stylesheets", "pagefind/fragment", "pagefind/index"}
    text = sample(name)
    for folder in folders:
        start, _, end = folder.partition("/")
        assert re.search(rf"{start}/(\({end}|\(\w+\|{end}|{end})", text), folder
        for path in (built_site / folder).rglob("*"):
            assert path.is_dir() or re.search(r"[._][0-9a-f]{6,}[._]", path.name), path


@pytest.mark.parametrize("name", ["nginx", "Caddy"])
def test_a_sample_is_whole(name: str) -> None:
    """Every brace is closed, and every folder that a sample names for errors is there."""
    text = sample(name)
    assert text.count("{") == text.count("}")
    assert {"/404.html", "/en/404.html"} <= set(re.findall(r"(/\S*404\.html)", text))
