#!/bin/sh
# Makes sure that what playcast needs is on this machine.
#
#   deploy/setup.sh run    what a build and a start need
#   deploy/setup.sh test   that, and what the tests need
#   deploy/setup.sh games  what a start needs, and all games of the catalog (0.5 GB)
#   deploy/setup.sh check  look only; fails when something is missing
#
# Installs by apt, as root or with sudo. Without apt it prints what is missing
# and fails. With nothing missing it takes a fraction of a second.
set -eu
cd "$(dirname "$0")/.."

oldest_go=1.21 # any later one fetches the version that go.mod names
oldest_node=20.19

missing="" # one line each: what it is
packages=""

# need WHAT PACKAGE CHECK…: remembers the package when the check fails.
need() {
	what=$1 package=$2
	shift 2
	if ! "$@" >/dev/null 2>&1; then
		missing="$missing
  $what (Debian, Ubuntu: $package)"
		packages="$packages $package"
	fi
}

at_least() { # at_least OLDEST HAVE
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

has_command() { command -v "$1"; }
has_doom() { command -v chocolate-doom || test -x /usr/games/chocolate-doom; }
has_freedoom() { test -e /usr/share/games/doom/freedoom1.wad && test -e /usr/share/games/doom/freedoom2.wad; }
has_game() { test -x "/usr/games/$1" || command -v "$1"; }
has_package() { test -e "/usr/share/doc/$1"; }
has_libc() { test -e /usr/include/stdlib.h; }
has_x264() { pkg-config --exists x264; }
has_libavcodec() { pkg-config --exists libavcodec libavutil; }
has_sdl() { pkg-config --exists sdl2; }
has_opus() { pkg-config --exists opus; }
has_postgres() {
	command -v initdb && return
	for initdb in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb; do
		test -x "$initdb" && return
	done
	return 1
}
has_browser() {
	test -x "${CHROME:-/nowhere}" || command -v chromium || command -v google-chrome
}

toolchains() {
	failed=0
	go_version=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || true
	if [ -z "$go_version" ]; then
		echo "Go is missing: install 1.26 or later from https://go.dev/dl/ and put it into PATH" >&2
		failed=1
	elif ! at_least "$oldest_go" "${go_version#go}"; then
		echo "Go is too old (${go_version#go}): install 1.26 or later from https://go.dev/dl/" >&2
		failed=1
	elif ! go env GOVERSION >/dev/null; then # which has said why
		failed=1
	fi
	node_version=$(node --version 2>/dev/null) || true
	if [ -z "$node_version" ] || ! command -v npm >/dev/null; then
		echo "Node or npm is missing: install Node $oldest_node or later, see https://nodejs.org/en/download" >&2
		failed=1
	elif ! at_least "$oldest_node" "${node_version#v}"; then
		echo "Node is too old (${node_version#v}): install $oldest_node or later, see https://nodejs.org/en/download" >&2
		failed=1
	fi
	[ "$failed" = 0 ] || exit 1
}

survey() {
	need "Xvfb, the X server that games draw on" xvfb has_command Xvfb
	need "PulseAudio, into which games play" pulseaudio has_command pulseaudio
	need "bubblewrap, the sandbox of games" bubblewrap has_command bwrap
	need "slirp4netns, for games that may use the network" slirp4netns has_command slirp4netns
	need "Chocolate Doom" chocolate-doom has_doom
	need "Freedoom's levels" freedoom has_freedoom
	need "PostgreSQL's server programs" postgresql has_postgres
	need "a C compiler" gcc has_command gcc
	need "a C++ compiler" g++ has_command g++
	need "the C library's headers" libc6-dev has_libc
	need "pkg-config" pkg-config has_command pkg-config
	need "Opus's headers" libopus-dev has_opus
	[ "${LIBAV:-${X264:-1}}" = 0 ] || need "libavcodec's headers (or build with LIBAV=0)" libavcodec-dev has_libavcodec
	[ "${X264:-1}" = 0 ] || need "x264's headers (or build with X264=0)" libx264-dev has_x264
	case "$1" in test | games) small_games ;; esac
	[ "$1" != games ] || large_games
	[ "$1" = test ] || return 0
	need "ffmpeg, to check what we encode" ffmpeg has_command ffmpeg
	need "SDL's headers, for a game that tells of its gamepads" libsdl2-dev has_sdl
	need "jstest, which tells of a gamepad by the joystick API" joystick has_command jstest
	need "xev, which tells what a key means" x11-utils has_command xev
	need "xclip, which copies and pastes" xclip has_command xclip
	has_browser >/dev/null 2>&1 || browser
}

# The games that are small, and yet of different kinds and engines: the tests
# play them. Without them they are shown as not available, and so are the large.
small_games() {
	need "Blobby Volley" blobby has_game blobby
	need "Chromium B.S.U." chromium-bsu has_game chromium-bsu
	need "OpenTTD" openttd has_game openttd
	need "OpenTTD's pictures" openttd-opengfx has_package openttd-opengfx
	need "Pingus" pingus has_game pingus
}

large_games() {
	need "SuperTux" supertux has_game supertux2
	need "Neverball" neverball has_game neverball
	need "Extreme Tux Racer" extremetuxracer has_game etr
	need "OpenTTD's sounds" openttd-opensfx has_package openttd-opensfx
}

# Ubuntu's chromium package is a snap, which starts in no container and takes
# no path outside of home.
browser() {
	if [ "$(. /etc/os-release 2>/dev/null; echo "${ID:-}")" = ubuntu ]; then
		echo "The tests need Chrome or Chromium, and Ubuntu has it only as a snap: install google-chrome" >&2
		echo "(https://www.google.com/chrome/), or name one in the environment: CHROME=/path/to/chrome" >&2
		exit 1
	fi
	need "Chromium" chromium has_browser
	need "a font for the page" fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
}

install_packages() {
	if ! command -v apt-get >/dev/null; then
		echo "Missing, and this system has no apt; install by hand:$missing" >&2
		exit 1
	fi
	as_root=""
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "Missing:$missing" >&2
			echo "Run as root: apt-get install$packages" >&2
			exit 1
		fi
		as_root=sudo
	fi
	echo "Installing:$missing"
	apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
	case "$packages" in *postgresql*) quiet_postgres "$as_root" ;; esac
	$apt update
	$apt install -y --no-install-recommends $packages
}

# Debian's package makes and starts a cluster of its own. playcast runs a private
# one, so for the length of the installation that is switched off.
quiet_postgres() {
	conf=/etc/postgresql-common/createcluster.d/playcast.conf
	$1 mkdir -p "${conf%/*}"
	echo "create_main_cluster = false" | $1 tee "$conf" >/dev/null
	trap "$1 rm -f $conf" EXIT
}

case "${1:-}" in
run | test | games | check) ;;
*) echo "usage: deploy/setup.sh run|test|games|check" >&2 && exit 2 ;;
esac
toolchains
survey "$1"
[ -n "$missing" ] || exit 0
if [ "$1" = check ]; then
	echo "Missing:$missing" >&2
	exit 1
fi
install_packages

# A package that is there and still does not do is worth a clear word.
missing="" packages=""
survey "$1"
if [ -n "$missing" ]; then
	echo "Still missing after the installation:$missing" >&2
	exit 1
fi
