#!/usr/bin/env bash
# Grades one submission: PrairieLearn runs this as root, and reads /grade/results/results.json.
set -euo pipefail
mkdir -p /grade/results
chmod 700 /grade
# Nothing but its own folder is for student code to write to.
chmod o-w /tmp /var/tmp /dev/shm /dev/mqueue /run/lock /var/lock 2>/dev/null || true
export PYTHONPATH=/opt/fairmark-packages LANG=C.UTF-8
exec /opt/fairmark/bin/python -P -m fairmark.startup fairmark.bundle prairielearn
