package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"mingzhang/migrations/backup"
)

const secretPhrase = "correct horse battery"

// beside is another data directory of the same user.
func (w *world) beside(name string) *world {
	w.tb.Helper()
	other := newWorld(w.tb)
	other.data = filepath.Join(filepath.Dir(other.data), name)
	return other
}

// clerkOffice is a world with an office's book and a lot in it.
func clerkOffice(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.want(0, nil, "book", "add", "street", "--name-zh", "某街道")
	w.want(0, nil, "import", "lots", "demo/lots-totals.csv", "--book", "street")
	return w
}

// A backup brings everything to another machine: the books with their roots, checked, and with the keys the right to go
// on writing.
func TestStory_Backup(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	dir := t.TempDir()
	phrase := w.file("phrase", secretPhrase+"\n")
	file := filepath.Join(dir, "all.tar")
	root := strings.Fields(w.want(0, nil, "book", "list").out)
	taken := w.want(0, []string{"street", root[len(root)-1], "all.keys.age"}, "backup", "--out", file, "--passphrase-file", phrase)
	if strings.Contains(taken.err, "不含签名密钥") {
		t.Errorf("a backup with keys says it has none: %s", taken.err)
	}
	for _, name := range []string{file, backup.KeysBeside(file)} {
		if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
	}
	w.want(0, []string{"备份完好"}, "backup", "check", file)
	w.want(1, []string{"已有文件"}, "backup", "--out", file, "--passphrase-file", phrase)
	w.want(0, []string{"不含签名密钥"}, "backup", "--out", dir)
	w.want(1, []string{"12"}, "backup", "--out", dir, "--passphrase-file", w.file("short", "secret"))

	whole := w.beside("whole")
	w.want(1, []string{"口令打不开"}, "restore", file, "--data-dir", whole.data, "--keys", backup.KeysBeside(file), "--passphrase-file", w.file("wrong", "correct horse staple"))
	if _, err := os.Stat(whole.data); err == nil {
		t.Error("a wrong passphrase left a data directory")
	}
	restored := whole.want(0, []string{"已恢复", root[len(root)-1]}, "restore", file, "--data-dir", whole.data, "--keys", backup.KeysBeside(file), "--passphrase-file", phrase)
	if strings.Contains(restored.err, "只能查看") {
		t.Errorf("restored with keys: %s", restored.err)
	}
	whole.want(1, []string{"不是空的"}, "restore", file, "--data-dir", whole.data)
	whole.want(0, []string{root[len(root)-1]}, "book", "list")
	whole.want(0, []string{"完好"}, "check")
	whole.want(0, nil, "import", "lots", "demo/lots-leases.csv", "--book", "street")
	whole.want(0, []string{"完好"}, "check")

	// Without the keys it is there to be read.
	bare := w.beside("bare")
	bare.want(0, []string{"只能查看"}, "restore", file, "--data-dir", bare.data)
	bare.want(0, []string{"完好"}, "check")
	bare.want(1, []string{"签名密钥"}, "import", "lots", "demo/lots-leases.csv", "--book", "street")
}

// What is damaged is refused before anything is made, and what was begun is never taken for whole.
func TestStory_BackupRefused(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	file := filepath.Join(t.TempDir(), "all.tar")
	w.want(0, nil, "backup", "--out", file)
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	target := w.beside("target")
	for i, at := range []int{0, 700, len(body) / 2, len(body) - 1} {
		flipped := append([]byte{}, body...)
		flipped[at] ^= 1
		if err := os.WriteFile(file, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		w.want(3, []string{"已损坏"}, "backup", "check", file)
		if i == 2 {
			target.want(3, []string{"已损坏"}, "restore", file, "--data-dir", target.data)
			if _, err := os.Stat(target.data); err == nil {
				t.Error("a damaged backup left a data directory")
			}
		}
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(target.data, 0o755); err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(target.data, unfinishedName)
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	target.want(1, []string{"只恢复了一半"}, "check")
	target.want(1, []string{"只恢复了一半"}, "restore", file, "--data-dir", target.data)
	w.want(2, []string{"--data-dir"}, "restore", file, "--data-dir", "")
}

// A book that the manifest is silent about would be used without having been checked: the backup is refused.
func TestStory_BackupSilentManifest(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	file := filepath.Join(t.TempDir(), "all.tar")
	w.want(0, nil, "backup", "--out", file)
	silenced(t, file, "street")
	w.want(0, []string{"备份完好"}, "backup", "check", file)
	target := w.beside("target")
	target.want(3, []string{"street"}, "restore", file, "--data-dir", target.data)
	target.want(1, []string{"只恢复了一半"}, "check")
}

// silenced takes a book out of a backup's manifest, whose hash is made anew.
func silenced(t *testing.T, file, code string) {
	t.Helper()
	old, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	var made bytes.Buffer
	from, to := tar.NewReader(old), tar.NewWriter(&made)
	sum := ""
	for {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		body, readErr := io.ReadAll(from)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		switch h.Name {
		case "manifest.json":
			var m backup.Manifest
			err := json.Unmarshal(body, &m)
			m.Books = slices.DeleteFunc(m.Books, func(b backup.Book) bool { return b.Code == code })
			text, marshalErr := json.Marshal(m)
			if err != nil || marshalErr != nil {
				t.Fatal(err, marshalErr)
			}
			hash := sha256.Sum256(text)
			body, sum = text, hex.EncodeToString(hash[:])+"  manifest.json\n"
		case "manifest.sha256":
			body = []byte(sum)
		}
		err = to.WriteHeader(&tar.Header{Name: h.Name, Size: int64(len(body)), Mode: 0o600, Typeflag: tar.TypeReg, Format: tar.FormatGNU})
		if _, writeErr := to.Write(body); err != nil || writeErr != nil {
			t.Fatal(err, writeErr)
		}
	}
	if err := errors.Join(to.Close(), os.WriteFile(file, made.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// Killed in the middle of a backup or a restore, nothing is left that looks whole.
func TestStory_BackupKilled(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	dir := t.TempDir()
	for _, moment := range []string{"unfinished", "keys"} {
		w.killWhen(t, func() bool {
			entries, err := os.ReadDir(dir)
			for _, e := range entries {
				if strings.HasPrefix(e.Name(), ".unfinished") && moment == "unfinished" || strings.HasSuffix(e.Name(), ".keys.age") && moment == "keys" {
					return true
				}
			}
			return err != nil
		}, "backup", "--out", filepath.Join(dir, moment+".tar"), "--passphrase-file", w.file("phrase", secretPhrase))
		if _, err := os.Stat(filepath.Join(dir, moment+".tar")); err == nil {
			w.want(0, []string{"备份完好"}, "backup", "check", filepath.Join(dir, moment+".tar")) // it was quicker than the kill
		}
	}
	file := filepath.Join(dir, "whole.tar")
	w.want(0, nil, "backup", "--out", file)
	target := w.beside("target")
	target.killWhen(t, func() bool {
		_, err := os.Stat(filepath.Join(target.data, "postgres", "data"))
		return err == nil
	}, "restore", file, "--data-dir", target.data)
	target.want(1, []string{"只恢复了一半"}, "check")
}

// killWhen starts a command and kills it at a moment.
func (w *world) killWhen(t *testing.T, moment func() bool, args ...string) {
	t.Helper()
	c := w.start(args...)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.Wait() }()
	for !moment() {
		select {
		case <-ended:
			return
		default:
		}
	}
	_ = c.Process.Signal(syscall.SIGKILL) // it may just have ended
	<-ended
}
