#!/bin/bash
# Runs the tests in Krita 5.1 (this system's, Debian 12), 5.2, 5.3 and 6.0; makes what is missing. As root.
#
#   tests/krita/all.sh [FOLDER] [pytest's arguments]     FOLDER holds the trees: /var/cache/inlay-tests unless told
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
trees=/var/cache/inlay-tests
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then trees=$1; shift; fi
bash "$here/install.sh"
INLAY_KRITA_TREES=
for made in trixie:krita-5.2 sid:krita-5.3 experimental:krita-6.0; do
    tree=$trees/${made#*:}
    [ -x "$tree/usr/bin/krita" ] || bash "$here/chroot.sh" make "${made%:*}" "$tree"
    INLAY_KRITA_TREES+=${INLAY_KRITA_TREES:+:}$tree
done
export INLAY_KRITA_TREES INLAY_REQUIRE_KRITA=1
cd "$here/../.."
python=python3
[ -x .venv/bin/python ] && python=.venv/bin/python
exec "$python" -m pytest tests/krita "$@"
