"""Where the filters for Formgrader and feedback pages were: configurations may name them here."""

from fairmark.sanitise.formulas import mathml
from fairmark.sanitise.markdown import feedback_filter, formgrader_filter, markdown_html

__all__ = ["feedback_filter", "formgrader_filter", "markdown_html", "mathml"]
