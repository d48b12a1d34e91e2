#!/bin/sh
# Makes the virtual environment that the comparison runs in: setup.sh [DIR], by default .peers-venv
# at the root of the package. Python 3.11 or later; everything comes from PyPI.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${1:-$here/../../.peers-venv}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "setup.sh: $python is older than 3.11; set PYTHON to a newer one" >&2; exit 1; }
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" ||
  { echo "setup.sh: no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
"$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
grep -v '^#' "$here/requirements-quality.txt" | while read -r package; do
  # LIBMF's own Makefile builds it with AVX; its package on PyPI does not
  case $package-$(uname -m) in
    libmf*x86_64) export CXXFLAGS="-O3 -DUSEAVX -mavx" ;;
    *) unset CXXFLAGS ;;
  esac
  "$venv/bin/pip" install --quiet --no-cache-dir "$package" || echo "left out: $package does not install here" >&2
done
# LensKit asks for an older pandas than the one that reading is timed with, and works with both
"$venv/bin/pip" install --quiet --no-deps --requirement "$here/requirements.txt"
