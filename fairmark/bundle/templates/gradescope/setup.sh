#!/usr/bin/env bash
# Builds the image: Gradescope runs this once, as root, with the bundle in /autograder/source.
set -euo pipefail
source=/autograder/source
home=/opt/fairmark

if [ ! -x "$home/bin/python" ]; then
  for python in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      break
    fi
    python=
  done
  if [ -z "$python" ]; then
    apt-get update -q
    apt-get install -yq --no-install-recommends python3.11 python3.11-venv
    python=python3.11
  fi
  "$python" -m venv "$home"
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
chmod 700 "$source"
