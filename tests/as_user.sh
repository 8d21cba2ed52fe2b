#!/bin/bash
# as_user.sh INPUTS DIR   Runs the test binaries that were built as an ordinary user, from DIR, where
# it can read them. Writes DIR/logs/NAME/test.xml. For root.
set -euo pipefail
inputs=$1 dir=$2
uid=1000
mkdir -p "$dir"/{bin,tests,chain,tmp,logs}
chmod 755 "$dir"
chmod 755 "$(dirname "$dir")"
for tool in cow exec netbridge trace; do cp "bazel-bin/sandbox-$tool/sandbox-$tool" "$dir/bin/"; done
cp -a "$inputs" "$dir/inputs"  # make compares the times
cp tests/chain/*.py tests/attacks/*.py tests/chain/run.sh README.md sandbox-*/*.1 "$dir/chain/"
find bazel-bin/tests/victims -maxdepth 1 -type f -perm -u+x ! -name '*.params' -exec cp {} "$dir/bin/" \; 2>/dev/null || [ ! -d tests/victims ]
chown -R "$uid:$uid" "$dir"

status=0
run() {  # NAME COMMAND...
  local name=$1; shift
  mkdir -p "$dir/logs/$name" "$dir/tmp/$name"
  chown "$uid:$uid" "$dir/logs/$name" "$dir/tmp/$name"
  if (cd "$dir/tmp/$name" && setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i PATH=/usr/bin:/bin LANG=C \
      HOME="$dir/tmp/$name" TEST_TMPDIR="$dir/tmp/$name" SANDBOX_TEST_BIN="$dir/bin" SANDBOX_TEST_INPUTS="$dir/inputs" \
      SANDBOX_TEST_REQUIRE="${SANDBOX_TEST_REQUIRE:-}" XML_OUTPUT_FILE="$dir/logs/$name/test.xml" \
      GTEST_OUTPUT="xml:$dir/logs/$name/test.xml" \
      "$@" >"$dir/logs/$name/log" 2>&1 </dev/null); then
    echo "as user: $name passed"
  else
    echo "as user: $name FAILED"
    tail -n 60 "$dir/logs/$name/log"
    status=1
  fi
}

for label in $(bazel query --noshow_progress 'kind(cc_test, //lib/... + //sandbox-exec/... + //sandbox-trace/... + //sandbox-netbridge/... + //sandbox-cow/...)' 2>/dev/null); do
  path=${label#//}
  cp "bazel-bin/${path/://}" "$dir/tests/${path//[\/:]/_}"
  run "${path//[\/:]/_}" "$dir/tests/${path//[\/:]/_}"
done
for test in "$dir"/chain/*_test.py; do
  run "$(basename "$test" .py)" "$dir/chain/run.sh" "$(basename "$test")"
done
exit "$status"
