#!/usr/bin/env bash
# Searches every state of the model, and requires that both seeded bugs are found. Needs spin and a C compiler.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# TROUBLES=4 ./check.sh searches further: how often something goes wrong.
troubles=${TROUBLES:-3}

# search NAME SPINFLAGS CCFLAGS PANFLAGS: the number of errors and states of one search.
search() {
  spin $2 -a "$here/sync.pml" >spin.out
  cc -O2 -w $3 -o pan pan.c
  ./pan $4 >pan.out 2>&1 || true
  errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.out)
  states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out | head -1)
  if [ -z "$errors" ] || grep -q "search depth too small\|out of memory\|Search not completed" pan.out && [ "$errors" = 0 ]; then
    cat pan.out
    echo "$1: the search did not end" >&2
    exit 1
  fi
  printf '%-44s %10s states, errors: %s\n' "$1" "$states" "$errors"
}

search "never doubled, never a hole, never a false receipt" "-DTROUBLES=$troubles" "-DSAFETY -DNOCLAIM -DCOLLAPSE" "-m2000000 -w26"
[ "$errors" = 0 ] || { cat pan.out; exit 1; }
search "delivered in the end, whatever happens" "-DTROUBLES=2" "-DNFAIR=5 -DCOLLAPSE" "-a -f -m2000000 -w26 -N delivered"
[ "$errors" = 0 ] || { cat pan.out; exit 1; }
search "seeded bug: no dedup" "-DNODEDUP" "-DSAFETY -DNOCLAIM -DCOLLAPSE" "-m2000000 -w26"
[ "$errors" != 0 ] || { echo "the seeded bug was not found" >&2; exit 1; }
search "seeded bug: entries and position in two commits" "-DSPLIT" "-DSAFETY -DNOCLAIM -DCOLLAPSE" "-m2000000 -w26"
[ "$errors" != 0 ] || { echo "the seeded bug was not found" >&2; exit 1; }
