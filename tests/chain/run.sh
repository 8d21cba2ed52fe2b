#!/bin/bash
# run.sh TEST.py [ARG...]   Runs one Python test with the tools in one directory, as installed, and the
# victims beside them: under Bazel they are copied there first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
test=$1; shift
if [ -z "${SANDBOX_TEST_BIN:-}" ]; then
  SANDBOX_TEST_BIN=$(mktemp -d "${TEST_TMPDIR:-/tmp}/bin.XXXXXX")
  root=${TEST_SRCDIR:?}/${TEST_WORKSPACE:?}
  for tool in cow exec netbridge trace; do
    cp "$root/sandbox-$tool/sandbox-$tool" "$SANDBOX_TEST_BIN/"
  done
  for victim in "$root"/tests/victims/*; do
    [ ! -f "$victim" ] || cp "$victim" "$SANDBOX_TEST_BIN/"
  done
  export SANDBOX_TEST_BIN
  here=$root/tests/chain
fi
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here exec /usr/bin/python3 "$here/$test" "$@"
