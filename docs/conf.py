"""The site: `tox -e docs` builds it from the pages of this repository, and a broken link is an error.

Sphinx with furo, because Material for MkDocs is kept up until November 2026 only, its successor Zensical is
still alpha, and Sphinx, in its eighteenth year, checks each link and each anchor between pages itself.

The source folder is the repository, so that a link from page to page is the same here and in the site.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

_ROOT = Path(__file__).resolve().parents[1]
#: folders of made pages, which are shown as they are
_MADE = ("reports/matrix", "reports/findings", "reports/map")

project = "workflow-world-conformance"
author = "The workflow-world-conformance contributors"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "reports/**/*.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
exclude_patterns = ["docs/examples/**"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "World conformance"
html_show_sourcelink = False
html_show_copyright = False
templates_path = ["templates"]
#: the first page of the site sends a reader to docs/
html_additional_pages = {"index": "to-docs.html"}
suppress_warnings = ["toc.not_included"]
nitpicky = True


def _navigate(app: Sphinx, docname: str, source: list[str]) -> None:
    """The headings and links of the first page are the navigation, with pages that it lacks last. The pages
    of a folder with a README are reached from that one: in the navigation they would fill every page."""
    captions: dict[str, list[str]] = {}
    if docname == root_doc:
        listed = {root_doc}
        for section in re.split(r"^## ", source[0], flags=re.M)[1:]:
            links = re.findall(r"\]\((\S+)\.md\)", section)
            pages = [os.path.normpath(f"docs/{link}") for link in links]
            captions[section.partition("\n")[0]] = pages
            listed |= set(pages)
        heads = {page.removesuffix("README") for page in app.project.docnames if page.endswith("/README")}
        below = {page for page in app.project.docnames if any(page.startswith(head) for head in heads)}
        captions["More"] = sorted(
            {*app.project.docnames - below, *(f"{head}README" for head in heads)} - listed
        )
    for caption, pages in captions.items():
        if pages:
            lines = [
                "```{toctree}",
                ":hidden:",
                f":caption: {caption}",
                "",
                *(f"/{page}" for page in pages),
                "```",
            ]
            source[0] += "\n" + "\n".join(lines) + "\n"


def _open_made_pages(app: Sphinx, doctree: nodes.document) -> None:
    """A link to a made page opens it; by itself Sphinx would offer it as a download. A folder is none."""
    folder = PurePosixPath(app.env.docname).parent
    for link in list(doctree.findall(addnodes.pending_xref)):
        if link.get("reftype") == "myst" and (_ROOT / folder / link["reftarget"]).is_dir():
            link.replace_self(link.children)
    for node in list(doctree.findall(addnodes.download_reference)):
        target = node["reftarget"]
        if target.endswith(".html"):
            path = (folder / target).as_posix().lstrip("/")
            there = os.path.relpath(path, folder)
            node.replace_self(nodes.reference("", "", *node.children, refuri=there, internal=True))


def _copy_made_pages(app: Sphinx, failure: Exception | None) -> None:
    if failure is not None:
        return
    for name in _MADE:
        for page in (_ROOT / name).rglob("*.html"):
            there = Path(app.outdir) / page.relative_to(_ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page, there)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", _navigate)
    app.connect("doctree-read", _open_made_pages, priority=1)
    app.connect("build-finished", _copy_made_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
