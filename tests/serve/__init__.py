"""Tests of ``fairmark serve``, with real servers and real sandboxes."""
