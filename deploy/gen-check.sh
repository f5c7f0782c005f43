#!/bin/sh
# Fails when the generated code in the tree is not what its sources generate.
# Compares before and after, not with the last commit, so that it also tells on
# work in progress.
set -eu
cd "$(dirname "$0")/.."

fingerprint() {
	git ls-files --cached --others --exclude-standard -- \
		'*.gen.go' '*_gen.go' '*.gen.ts' '*/internal/db/*' |
		sort -u | while read -r file; do
		# A deleted file is still listed.
		if [ -e "$file" ]; then sha256sum "$file"; fi
	done
}

before=$(mktemp) after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT
fingerprint >"$before"
"${MAKE:-make}" --no-print-directory gen
fingerprint >"$after"
if ! diff "$before" "$after" >/dev/null; then
	echo "Generated code is not up to date. These files were written anew; commit them:" >&2
	diff "$before" "$after" | awk '/^[<>]/ {print "  " $3}' | sort -u >&2
	exit 1
fi
