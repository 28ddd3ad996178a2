package tidy_test

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// checkReadme: a reader of the first screen can start and can test.
func checkReadme(t tree) []string {
	text, ok := t.texts["README.md"]
	if !ok {
		return []string{"README.md is missing"}
	}
	lines := strings.Split(text, "\n")
	screen := strings.Join(lines[:min(40, len(lines))], "\n")
	var wrong []string
	for _, command := range []string{"make run", "make test"} {
		if !strings.Contains(screen, command) {
			wrong = append(wrong, "README.md: "+command+" does not stand in the first 40 lines")
		}
	}
	return wrong
}

var (
	release = regexp.MustCompile(`^## \[(Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$)`)
	sorts   = []string{"### Added", "### Changed", "### Deprecated", "### Removed", "### Fixed", "### Security"}
)

// checkChangelog: as keepachangelog.com has it, newest first.
func checkChangelog(t tree) []string {
	text, ok := t.texts["CHANGELOG.md"]
	if !ok {
		return []string{"CHANGELOG.md is missing"}
	}
	var wrong []string
	if !strings.HasPrefix(text, "# Changelog\n") {
		wrong = append(wrong, "CHANGELOG.md does not begin with # Changelog")
	}
	if !strings.Contains(text, "\n## [Unreleased]") {
		wrong = append(wrong, "CHANGELOG.md has no ## [Unreleased]")
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "## ") && !release.MatchString(line) ||
			strings.HasPrefix(line, "### ") && !slices.Contains(sorts, line) {
			wrong = append(wrong, "CHANGELOG.md: "+line+" is no heading of a changelog")
		}
	}
	return wrong
}

// Places that exist on one machine only, and hosts that somebody behind a
// mirror cannot reach. Written in parts, so that this file passes.
var (
	machine = regexp.MustCompile(`(?:^|[\s"'` + "`" + `=(:])(/wo` + `rk/|/ro` + `ot/|/ho` + `me/[a-z]+/|/tmp/m` + `z\b)`)
	hosts   = []string{
		"proxy.go" + "lang.org", "sum.go" + "lang.org", "registry.npm" + "js.org", "deb.deb" + "ian.org",
		"security.deb" + "ian.org", "py" + "pi.org", "files.python" + "hosted.org", "registry-1.doc" + "ker.io",
	}
)

// brewHome is Homebrew's own folder on Linux, the same on every machine.
const brewHome = "/home/linuxbrew/"

func checkPlaces(t tree) []string {
	var wrong []string
	for _, p := range t.sortedTexts() {
		text := strings.ReplaceAll(t.texts[p], brewHome, "")
		if m := machine.FindStringSubmatch(text); m != nil {
			wrong = append(wrong, p+": "+m[1]+" exists on one machine only")
		}
		for _, host := range hosts {
			if strings.Contains(text, host) {
				wrong = append(wrong, p+": "+host+": registries are the user's business")
			}
		}
	}
	return wrong
}

// sums lists the migrations that are merged, as sha256sum prints them.
const sums = "migrations/checksums.txt"

// checkMigrations: what has run on somebody's database is never edited. As
// long as there is no list, nothing is merged yet (make seal writes it).
func checkMigrations(t tree) []string {
	list, ok := t.texts[sums]
	if !ok {
		return nil
	}
	var wrong []string
	sealed := map[string]bool{}
	for line := range strings.Lines(list) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		p := "migrations/" + name
		text, exists := t.texts[p]
		switch {
		case !ok:
			wrong = append(wrong, sums+": not a line of sha256sum: "+line)
		case !exists:
			wrong = append(wrong, p+" is gone, but has run on databases: put it back")
		case fmt.Sprintf("%x", sha256.Sum256([]byte(text))) != sum:
			wrong = append(wrong, p+" was edited, but has run on databases: write a new migration")
		}
		sealed[p] = true
	}
	for _, p := range t.sortedTexts() {
		if strings.HasPrefix(p, "migrations/") && strings.Count(p, "/") == 1 && strings.HasSuffix(p, ".sql") && !sealed[p] {
			wrong = append(wrong, p+" is not in "+sums+": run make seal when it is finished")
		}
	}
	return wrong
}

func paperExamples() []example {
	const one = "SELECT 1;\n"
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(one)))
	return []example{
		{
			rule: "the first screen", name: "the first screen",
			bad:  map[string]string{"README.md": "make run\n" + strings.Repeat("\n", 40) + "make test\n"},
			want: "make test does not stand",
			good: map[string]string{"README.md": "make run\nmake test\n"},
		},
		{
			rule: "the changelog", name: "the changelog",
			bad:  map[string]string{"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n### News\n"},
			want: "### News",
			good: map[string]string{"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n### Added\n\n## [0.1.0] - 2026-01-31\n"},
		},
		{
			rule: "no place of one machine, no registry", name: "no place of one machine",
			bad:  map[string]string{"docs/a.md": "see /wo" + "rk/main\n"},
			want: "one machine only",
			good: map[string]string{"docs/a.md": "src/work/main, https://example.org/root/a, " + brewHome + "x\n"},
		},
		{
			rule: "no place of one machine, no registry", name: "no registry",
			bad:  map[string]string{".ci/run": "curl https://py" + "pi.org/simple\n"},
			want: "the user's business",
		},
		{
			rule: "migrations are never edited", name: "migrations are never edited",
			bad:  map[string]string{"migrations/1.tx.up.sql": one + "-- more\n", sums: sum + "  1.tx.up.sql\n"},
			want: "was edited",
			good: map[string]string{"migrations/1.tx.up.sql": one, sums: sum + "  1.tx.up.sql\n"},
		},
		{
			rule: "migrations are never edited", name: "migrations are never removed",
			bad:  map[string]string{sums: sum + "  1.tx.up.sql\n"},
			want: "is gone",
			good: map[string]string{"migrations/2.tx.up.sql": one},
		},
		{
			rule: "migrations are never edited", name: "new migrations are sealed",
			bad:  map[string]string{"migrations/1.tx.up.sql": one, "migrations/2.tx.up.sql": one, sums: sum + "  1.tx.up.sql\n"},
			want: "2.tx.up.sql is not in",
		},
	}
}
