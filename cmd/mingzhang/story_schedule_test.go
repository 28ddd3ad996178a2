package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mingzhang/migrations/backup"
)

// until waits for something to hold, as long as a slow machine may take.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 3_000 {
		if holds() {
			return
		}
		<-tick.C
	}
	t.Fatal(what)
}

// free is an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// tarsIn are the backups in a folder.
func tarsIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "mingzhang-*.tar"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// serve makes backups by itself, removes the oldest when the new one is whole, and tells how old the last one is.
func TestStory_BackupsByThemselves(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	dir := t.TempDir()
	old := filepath.Join(dir, "mingzhang-20200101T000000Z.tar")
	for _, name := range []string{old, backup.KeysBeside(old), filepath.Join(dir, "mingzhang-other.tar")} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.want(2, []string{"--backup-keep"}, "serve", "--backup-keep", "0")
	address := free(t)
	var talk bytes.Buffer
	c := exec.CommandContext(t.Context(), w.bin, "serve", "--listen", address, "--backup-dir", dir, "--backup-keep", "1", "--passphrase-file", w.file("phrase", secretPhrase))
	c.Env, c.Stderr = append(os.Environ(), "MINGZHANG_DATA_DIR="+w.data), &talk
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the oldest backup was not removed", func() bool {
		_, err := os.Stat(old)
		return err != nil && len(tarsIn(t, dir)) == 2
	})
	if _, err := os.Stat(backup.KeysBeside(old)); err == nil {
		t.Error("the keys of a removed backup stayed")
	}
	made := tarsIn(t, dir)[0]
	if m, err := backup.Check(made); err != nil || m.Keys == nil {
		t.Errorf("%s: %+v, %v", made, m, err)
	}
	answer, err := http.Get("http://" + address + "/metrics") //nolint:noctx // a test of its own
	if err != nil {
		t.Fatal(err)
	}
	var figures bytes.Buffer
	if _, err := figures.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(figures.String(), "\nmingzhang_backup_age_seconds ") || strings.Contains(figures.String(), "mingzhang_backup_age_seconds -1") {
		t.Errorf("figures: %s", figures.String())
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, talk.String())
	}

	// Days later nobody has made one.
	db := w.behind()
	if d := w.want(0, nil, "check"); strings.Contains(d.err, "没有备份") {
		t.Errorf("a new backup is too old: %s", d.err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE work_backups SET done_at = done_at - interval '8 days'"); err != nil {
		t.Fatal(err)
	}
	w.want(0, []string{"已有 8 天没有备份"}, "check")
	w.want(0, []string{"no backup for 8 days"}, "check", "--lang", "en")
}

// Before a schema is changed there is a backup of what it was, and it can be restored by this program.
func TestStory_BackupBeforeMigrating(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	folder := filepath.Join(w.data, "backups")
	if _, err := os.Stat(folder); err == nil {
		t.Error("a new database was backed up before it was filled")
	}
	db := w.behind()
	age := func() {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), "DROP TABLE work_backups; DELETE FROM bun_migrations WHERE name = '20261129000007'"); err != nil {
			t.Fatal(err)
		}
	}
	age()
	w.want(0, []string{"已是最新"}, "migrate", "--no-backup")
	if _, err := os.Stat(folder); err == nil {
		t.Error("backed up in spite of --no-backup")
	}
	age()
	w.want(0, []string{"before-migrating-", "完好"}, "check") // the private database is migrated when it is opened
	_, url, _ := strings.Cut(w.want(0, nil, "db").out, "url\t")
	url, _, _ = strings.Cut(url, "\n")
	age()
	w.want(0, []string{"before-migrating-", "已是最新"}, "migrate", "--database-url", url)
	made, err := filepath.Glob(filepath.Join(folder, "before-migrating-*.tar"))
	if err != nil || len(made) == 0 {
		t.Fatalf("%v, %v", made, err)
	}
	w.want(0, []string{"备份完好"}, "backup", "check", made[0])
	again := w.beside("again")
	again.want(0, []string{"已恢复"}, "restore", made[0], "--data-dir", again.data)
	again.want(0, []string{"完好"}, "check")

	// Where no backup can be written the schema stays as it was.
	age()
	if err := os.Rename(folder, folder+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(1, []string{"--no-backup"}, "migrate")
	var there bool
	if err := db.NewRaw("SELECT to_regclass('work_backups') IS NOT NULL").Scan(t.Context(), &there); err != nil || there {
		t.Errorf("migrated without a backup: %v, %v", there, err)
	}
}

// A database of one's own is backed up and restored, too.
func TestStory_BackupAtURL(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	db := w.behind()
	_, url, _ := strings.Cut(w.want(0, nil, "db").out, "url\t")
	url, _, _ = strings.Cut(url, "\n")
	file := filepath.Join(t.TempDir(), "all.tar")
	phrase := w.file("phrase", secretPhrase)
	w.want(0, []string{"street"}, "backup", "--out", file, "--database-url", url, "--passphrase-file", phrase)
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE other"); err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(url, "@mingzhang/", "@other/", 1)
	keys := filepath.Join(t.TempDir(), "new")
	args := []string{"restore", file, "--database-url", other, "--data-dir", keys, "--keys", backup.KeysBeside(file), "--passphrase-file", phrase}
	w.want(0, []string{"已恢复"}, args...)
	w.want(1, []string{"不是空的"}, args...)
	w.want(0, nil, "import", "lots", "demo/lots-leases.csv", "--book", "street", "--database-url", other, "--data-dir", keys)
	w.want(0, []string{"完好"}, "check", "--database-url", other, "--data-dir", keys)
	w.want(0, []string{"完好"}, "check")
}

func TestPutKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	note := func(size int) []byte { return fmt.Appendf(nil, "origin\n%d\nroot\n\n— signature\n", size) }
	key, published := filepath.Join(dir, "a.key"), filepath.Join(dir, "a.key.published")
	for _, tt := range []struct {
		path       string
		body, want []byte
		refused    bool
	}{
		{key, []byte("one"), []byte("one"), false},
		{key, []byte("one"), []byte("one"), false},
		{key, []byte("two"), []byte("one"), true},
		{published, note(7), note(7), false},
		{published, note(6), note(7), false},
		{published, note(10), note(10), false},
		{published, []byte("nonsense"), note(10), false},
	} {
		err := putKey(tt.path, tt.body)
		got, readErr := os.ReadFile(tt.path)
		if (err != nil) != tt.refused || readErr != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("%s over what was there: %v, %q, %v; want %q", tt.body, err, got, readErr, tt.want)
		}
	}
}
