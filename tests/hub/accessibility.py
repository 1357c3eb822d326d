"""axe-core on a part of a page."""

from __future__ import annotations

from playwright.sync_api import Locator

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = """async (element, tags) => {
  const found = await axe.run(element, {runOnly: {type: 'tag', values: tags}});
  return found.violations.map(each => each.id + ': ' + each.nodes.map(
    node => node.html.slice(0, 200) + ' (' + node.failureSummary + ')').join('\\n'));
}"""


def violations(what: Locator, axe: str) -> list[str]:
    """Return what axe-core finds wrong there, by the rules of WCAG 2.2 A and AA."""
    what.page.evaluate(f"() => {{ {axe}; window.axe = axe; }}")
    found: list[str] = what.evaluate(_RUN, _RULES)
    return found
