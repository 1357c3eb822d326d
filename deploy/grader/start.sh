#!/bin/bash
# Prepares the course's volume and the exchange, then runs the command of the container.
set -euo pipefail
python -m fairmark.hub.shipped /opt/course "$COURSE"
exchange=/srv/nbgrader/exchange
course_id=$(python -c 'from fairmark.course.course import Course
from pathlib import Path
print(Course.load(Path(".")).config.CourseDirectory.course_id)')
if [ -w "$exchange" ]; then
    # A drop box: students put things into inbound, and cannot look into it.
    mkdir -p "$exchange/$course_id"/{outbound,inbound,feedback}
    chmod 2755 "$exchange/$course_id" "$exchange/$course_id/outbound"
    chmod 3733 "$exchange/$course_id/inbound"
    chmod 2711 "$exchange/$course_id/feedback"
fi
exec "$@"
