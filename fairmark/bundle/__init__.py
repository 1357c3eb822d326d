"""An assignment's graders, packed for platforms that run them in containers of their own."""

from fairmark.bundle.pack import PLATFORMS, Choices, write_bundle

__all__ = ["PLATFORMS", "Choices", "write_bundle"]
