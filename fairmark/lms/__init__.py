"""Learning platforms: hand-ins from their zips, feedback as the zip they take, marks sent there."""
