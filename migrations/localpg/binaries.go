package localpg

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// MinMajor is the oldest PostgreSQL that the program works with.
const MinMajor = 14

// binaries is one installed PostgreSQL server.
type binaries struct {
	dir   string
	major int
}

func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }
func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }

// findBinaries lists the installed servers, the newest first. With only, that
// directory alone is looked at.
func findBinaries(only string) []binaries {
	var found []binaries
	seen := map[string]bool{}
	for _, dir := range binaryDirs(only) {
		real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		// initdb is looked for beside the real file: Red Hat and Homebrew link both.
		for _, d := range []string{dir, filepath.Dir(real)} {
			if _, err := os.Stat(filepath.Join(d, "initdb")); err != nil {
				continue
			}
			if major, ok := majorOf(filepath.Join(d, "postgres")); ok {
				found = append(found, binaries{dir: d, major: major})
				break
			}
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return found
}

func binaryDirs(only string) []string {
	if only != "" {
		return []string{only}
	}
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin",
	} {
		matches, _ := filepath.Glob(pattern) // the only error is a bad pattern
		dirs = append(dirs, matches...)
	}
	return slices.DeleteFunc(dirs, func(d string) bool { return !filepath.IsAbs(d) })
}

func majorOf(postgres string) (int, bool) {
	cmd := exec.Command(postgres, "--version")
	cmd.Env, cmd.Dir = serverEnv(), "/"
	out, err := cmd.Output()
	if err != nil {
		return 0, false
	}
	// "postgres (PostgreSQL) 15.14 (Debian …)", "… 18beta1", "… 9.6.24"
	m := regexp.MustCompile(`PostgreSQL\) (\d+)`).FindSubmatch(out)
	if m == nil {
		return 0, false
	}
	major, err := strconv.Atoi(string(m[1]))
	return major, err == nil
}

// choose picks the server for the data: its own major version, or for a new
// cluster (want 0) the newest.
func choose(l layout, found []binaries, want int) (binaries, error) {
	if len(found) == 0 {
		return binaries{}, &Error{Kind: ErrNoBinaries, Major: want, Message: "PostgreSQL's server is not installed; run: " + installCommand(want)}
	}
	for _, b := range found {
		if b.major >= MinMajor && (want == 0 || b.major == want) {
			return b, nil
		}
	}
	newest := found[0]
	if want == 0 {
		return binaries{}, &Error{Kind: ErrTooOld, Major: newest.major, Dir: newest.dir, Message: fmt.Sprintf(
			"PostgreSQL %d in %s is too old, %d or later is needed; run: %s", newest.major, newest.dir, MinMajor, installCommand(0))}
	}
	return binaries{}, &Error{Kind: ErrOtherMajor, Major: want, Dir: l.dataDir, Message: fmt.Sprintf(
		"the data in %s was made by PostgreSQL %d, but PostgreSQL %d is installed: install %d again (%s); "+
			"to change over, back the data up with %d's pg_dump and restore it with pg_restore into a new --data-dir (docs/operations.md)",
		l.dataDir, want, newest.major, want, installCommand(want), want)}
}

// installCommand is what to type on this kind of machine.
func installCommand(major int) string {
	suffix := ""
	if major > 0 {
		suffix = "-" + strconv.Itoa(major)
	}
	if runtime.GOOS == "darwin" {
		return "brew install postgresql@" + strconv.Itoa(cmp.Or(major, 16))
	}
	if _, err := os.Stat("/usr/bin/dnf"); err == nil {
		return "dnf install postgresql" + strings.TrimPrefix(suffix, "-") + "-server"
	}
	if _, err := os.Stat("/usr/bin/apt-get"); err == nil {
		return "apt-get install postgresql" + suffix
	}
	return "apt-get install postgresql" + suffix + " (Debian), dnf install postgresql-server (Red Hat) or brew install postgresql@16 (Homebrew)"
}

// serverEnv is the environment of PostgreSQL's programs: none of the PG*
// variables of the caller, and messages in English because they are read.
func serverEnv() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// Client finds one of PostgreSQL's client programs (pg_dump, pg_restore) of at least a major version, the oldest that
// is new enough; with exactly, of that very version. It looks where the servers are and on PATH.
func Client(name string, major int, exactly bool) (path string, version int, err error) {
	best, dirs := 0, binaryDirs(os.Getenv("MINGZHANG_PG_BIN"))
	for _, dir := range dirs {
		file := filepath.Join(dir, name)
		real, err := filepath.EvalSymlinks(file)
		if err != nil || filepath.Base(real) == "pg_wrapper" { // Debian's: it chooses by itself which one it runs
			continue
		}
		found, ok := majorOf(file)
		if !ok || found < major || exactly && found != major || best != 0 && found >= best {
			continue
		}
		path, best = file, found
	}
	if best == 0 {
		return "", 0, &Error{Kind: ErrNoBinaries, Major: major, Message: fmt.Sprintf("PostgreSQL's %s of version %d is not installed; run: %s", name, major, installCommand(major))}
	}
	return path, best, nil
}
