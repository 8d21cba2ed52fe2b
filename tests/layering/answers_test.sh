#!/bin/bash
# answers_test.sh empty|found FILE...   Whether each query answered with nothing, or with some.
set -euo pipefail

wanted=$1
shift
[ $# -gt 0 ]
status=0
for file; do
  [ -f "$file" ]
  answer=found
  [ -s "$file" ] || answer=empty
  if [ "$answer" != "$wanted" ]; then
    echo "$file: $answer, not $wanted"
    cat "$file"
    status=1
  fi
done
exit "$status"
