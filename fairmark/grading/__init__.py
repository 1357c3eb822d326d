"""From one notebook to a report: run its cells, judge its answers."""
