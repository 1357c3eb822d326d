#!/usr/bin/env bash
# Installs what grades, as root; the first argument is the Python to do it with.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
home=/opt/fairmark
if [ ! -x "$home/bin/python" ]; then
  "${1:-python3}" -m venv --copies "$home"
  options=()
  if [ -d "$source/wheels" ]; then
    options=(--no-index --find-links "$source/wheels")
  fi
  "$home/bin/python" -m pip install --quiet --no-cache-dir "${options[@]}" -r "$source/requirements.txt"
fi
# fairmark has to be readable for student code, and what lies beside it must not.
rm -rf /opt/fairmark-packages
cp -r "$source/packages" /opt/fairmark-packages
chmod -R a+rX,go-w /opt/fairmark-packages
