"""What a course's ``nbgrader_config.py`` has to say so that nbgrader grades with fairmark."""

from __future__ import annotations

from traitlets.config import Config


def use_fairmark(c: Config) -> None:
    """Let nbgrader's commands and formgrader's buttons do what fairmark's commands do."""
    c.GenerateAssignment.preprocessors = [
        "fairmark.nbgrader.generate.CheckProof",
        "fairmark.nbgrader.generate.CheckSource",
        "fairmark.nbgrader.generate.HideChecks",
        "fairmark.nbgrader.generate.SetAside",
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.InstantiateTests",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.CheckCellMetadata",
        "fairmark.nbgrader.generate.FinishRelease",
    ]
    c.Autograde.exporter_class = "fairmark.nbgrader.preprocessors.AutogradeExporter"
    c.Autograde.sanitize_preprocessors = ["fairmark.nbgrader.preprocessors.Sanitize"]
    c.Autograde.autograde_preprocessors = [
        "fairmark.nbgrader.preprocessors.Grade",
        "fairmark.nbgrader.preprocessors.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.GenerateFeedback.exporter_class = "fairmark.reporting.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "fairmark.reporting.feedback.StudentView",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    # Formgrader shows students' Markdown in the browser of a person who may change every mark.
    c.HTMLExporter.filters = {
        "markdown2html": "fairmark.sanitise.markdown.formgrader_filter",
        "highlight_code": "fairmark.sanitise.code.highlighted",
    }
