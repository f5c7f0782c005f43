#!/bin/bash
# Runs every check there is, in the order in which they build on each other, and
# tells what ran and how long it took. Stops at the first that fails, because the
# later ones would only repeat its message.
set -uo pipefail
cd "$(dirname "$0")/.."

steps=(
	"packages:make setup-test"
	"npm packages:make gateway/web/node_modules/.package-lock.json"
	"generated code:make gen-check"
	"page:make web"
	"page tests:npm --prefix gateway/web test"
	"lint:make lint"
	"go tests:make unit"
	"binary:make build"
	"browser:make e2e"
)

report=() status=0 began=$SECONDS
for step in "${steps[@]}"; do
	name=${step%%:*} command=${step#*:}
	if [ "$status" != 0 ]; then
		report+=("$(printf '  not run        %s' "$name")")
		continue
	fi
	printf '\n=== %s: %s\n' "$name" "$command"
	start=$SECONDS
	${command/#make/"${MAKE:-make}" --no-print-directory}
	status=$?
	verdict=ok
	[ "$status" = 0 ] || verdict=FAILED
	report+=("$(printf '  %-6s %5d s  %s' "$verdict" $((SECONDS - start)) "$name")")
done

printf '\n=== summary\n'
printf '%s\n' "${report[@]}"
printf '  total  %5d s\n' $((SECONDS - began))
exit "$status"
