#!/bin/sh
# setup.sh installs what is missing on this machine, and nothing else.
#
#   tools/setup.sh postgres   PostgreSQL's server programs (14 or newer)
#   tools/setup.sh cc         a C compiler, which Go's race detector needs
#   tools/setup.sh chromium   a browser for the tests of the pages, and Chinese letters for it
#   tools/setup.sh npm        npm, which fetches what the pages take from others
#
# It is the one place that knows package managers. It never asks a question:
# with root, or sudo that needs no password, it installs; otherwise it says in
# one line what to install and fails. What is there already costs nothing.
# It needs nothing but sh.
set -eu

oldest=14 # the oldest major of PostgreSQL that the program works with

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
	say "$*"
	exit 1
}

# postgres_there tells whether one folder that the program itself looks into has
# server programs that are new enough.
postgres_there() {
	for there in "$(command -v postgres 2>/dev/null || :)" \
		/usr/lib/postgresql/*/bin/postgres \
		/usr/pgsql-*/bin/postgres \
		/opt/homebrew/opt/postgresql*/bin/postgres \
		/usr/local/opt/postgresql*/bin/postgres \
		/home/linuxbrew/.linuxbrew/opt/postgresql*/bin/postgres; do
		[ -x "$there" ] || continue
		[ -x "${there%/*}/initdb" ] || continue
		major=$("$there" --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
		[ "${major:-0}" -ge "$oldest" ] && return 0
	done
	return 1
}

# cc_there compiles a line of C: a compiler without the C library's headers is
# as good as none.
cc_there() {
	command -v "${CC:-gcc}" >/dev/null 2>&1 || return 1
	try=$(mktemp -d) || return 1
	printf '#include <stdlib.h>\n#include <pthread.h>\nint main(void) { return 0; }\n' >"$try/try.c"
	made=1
	"${CC:-gcc}" -o "$try/try" "$try/try.c" >/dev/null 2>&1 && made=0
	rm -rf "$try"
	return "$made"
}

# chromium_there runs what the tests of the pages would run: Ubuntu has a
# chromium-browser that only says where to get one. Without Chinese letters a
# browser draws boxes, so those are part of it.
chromium_there() {
	for there in "${CHROMIUM:-}" chromium google-chrome google-chrome-stable chromium-browser \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
		/Applications/Chromium.app/Contents/MacOS/Chromium; do
		[ -n "$there" ] && command -v "$there" >/dev/null 2>&1 || continue
		"$there" --version 2>/dev/null </dev/null | grep -q '[0-9][0-9]*\.[0-9]' || continue
		chinese_there
		return
	done
	return 1
}

chinese_there() {
	[ "$(uname -s)" != Darwin ] || return 0 # they come with the system
	fc-list ':lang=zh-cn' family 2>/dev/null | grep -q .
}

npm_there() { npm --version >/dev/null 2>&1 </dev/null; }

# packages prints the names of what $2 needs, as the package manager $1 has them.
packages() {
	case "$1/$2" in
	apt-get/postgres) echo postgresql ;;
	apt-get/cc) echo gcc libc6-dev ;;
	apt-get/chromium)
		# Debian has it as a package, Ubuntu as a snap under another name.
		if apt-cache policy chromium 2>/dev/null | grep -q 'Candidate: [0-9]'; then
			echo chromium chromium-sandbox fonts-noto-cjk fontconfig
		else
			echo chromium-browser fonts-noto-cjk fontconfig
		fi
		;;
	apt-get/npm) echo nodejs npm ;;
	dnf/postgres) echo postgresql-server ;;
	dnf/cc) echo gcc glibc-devel ;;
	dnf/chromium) echo chromium google-noto-sans-cjk-fonts fontconfig ;;
	dnf/npm) echo nodejs-npm ;;
	brew/postgres) echo postgresql@17 ;;
	brew/cc) echo gcc ;;
	brew/chromium) echo --cask google-chrome ;;
	brew/npm) echo node ;;
	esac
}

# by_hand is the one line for whoever has to install it themselves.
by_hand() {
	case "$1" in
	apt-get | dnf) die "$3 is missing, and this user may not install it. Run: sudo $1 install $(packages "$1" "$2")" ;;
	brew) die "$3 is missing. Run: brew install $(packages "$1" "$2")" ;;
	*) die "$3 is missing, and there is no apt-get, dnf or brew here. Install it and try again." ;;
	esac
}

# hint is what may be wrong with $1 when it is there and does not work.
hint() {
	case "$1" in
	postgres) echo "it has to be $oldest or newer" ;;
	chromium) echo "where it is a snap, as on Ubuntu, install Google Chrome instead, or name a browser in CHROMIUM" ;;
	*) echo "try it by hand" ;;
	esac
}

# quietly runs a command without input, keeps what it says, and shows the end
# of that only when it fails.
quietly() {
	if "$@" >"$log" 2>&1 </dev/null; then
		return 0
	fi
	tail -n 3 "$log" >&2
	return 1
}

# Debian's package creates and starts a cluster "main" of its own, which nobody
# asked for here. This switches that off for as long as the installation lasts.
no_main=/etc/postgresql-common/createcluster.d/mingzhang-setup.conf

keep_main_away() {
	$root mkdir -p "${no_main%/*}"
	echo "create_main_cluster = false" | $root tee "$no_main" >/dev/null
}

with_apt() {
	say "reading the package lists"
	quietly $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=2 update ||
		say "the package lists could not be read afresh; trying with those that are here"
	say "installing $3: $(packages apt-get "$2")"
	[ "$2" != postgres ] || keep_main_away
	# The names are several words on purpose.
	# shellcheck disable=SC2046
	quietly $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o Acquire::Retries=2 -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends $(packages apt-get "$2")
}

with_other() {
	say "installing $3: $(packages "$1" "$2")"
	case "$1" in
	# shellcheck disable=SC2046
	dnf) quietly $root dnf -q -y install $(packages dnf "$2") ;;
	# shellcheck disable=SC2046
	brew) quietly env HOMEBREW_NO_AUTO_UPDATE=1 brew install -q $(packages brew "$2") ;;
	esac
}

# may_install finds out, without a question, whether we may; root is then the
# word to put before a command.
may_install() {
	root=
	case "$1" in
	brew) [ "$(id -u)" -ne 0 ] ;;
	none) return 1 ;;
	*)
		[ "$(id -u)" -eq 0 ] && return 0
		root="sudo -n"
		command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1 </dev/null
		;;
	esac
}

manager() {
	for m in apt-get dnf brew; do
		if command -v "$m" >/dev/null 2>&1; then
			echo "$m"
			return
		fi
	done
	echo none
}

# need makes sure of one thing: $1 its short name, $2 what people call it.
need() {
	if "${1}_there"; then
		return 0
	fi
	m=$(manager)
	may_install "$m" || by_hand "$m" "$1" "$2"
	case "$m" in
	apt-get) with_apt "$m" "$1" "$2" && ok=0 || ok=1 ;;
	*) with_other "$m" "$1" "$2" && ok=0 || ok=1 ;;
	esac
	if [ "$ok" -ne 0 ]; then
		die "$2 could not be installed (is there a network?). Install it by hand: $m install $(packages "$m" "$1")"
	fi
	hash -r
	"${1}_there" || die "$2 was installed, but is not usable here ($(hint "$1"))."
	say "$2: installed"
}

clean() {
	rm -f "$log"
	[ ! -e "$no_main" ] || ${root:-} rm -f "$no_main"
}

root=
log=$(mktemp)
trap clean EXIT
trap 'exit 130' INT TERM HUP

[ $# -gt 0 ] || die "usage: tools/setup.sh postgres|cc|chromium|npm ..."
for thing in "$@"; do
	case "$thing" in
	postgres) need postgres "PostgreSQL's server" ;;
	cc) need cc "a C compiler" ;;
	chromium) need chromium "Chromium with Chinese letters" ;;
	npm) need npm npm ;;
	*) die "do not know what $thing is" ;;
	esac
done
