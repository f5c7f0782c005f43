#!/bin/sh
# Builds the library: preload/build.sh FILE
set -eu
out=$1
cd "$(dirname "$0")"
case "$out" in /*) ;; *) out=$OLDPWD/$out ;; esac
mkdir -p "$(dirname "$out")"
${CC:-gcc} -std=gnu11 -O2 -Wall -Wextra -Werror -U_FORTIFY_SOURCE -fPIC -fvisibility=hidden \
	-shared -Wl,-z,relro,-z,now -o "$out.new" pads.c device.c -ldl
mv "$out.new" "$out"
