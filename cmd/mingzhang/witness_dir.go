package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// witnessDir is all that a witness keeps, in files that a person can read:
//
//	witness.key            the secret key
//	serve.lock             held by the one process that cosigns
//	logs/ID/log.json       the keys by which a log is trusted; ID is from its origin
//	logs/ID/last.json      the last checkpoint that was cosigned
//	logs/ID/history.jsonl  all that were, one a line
//	alarms/NAME/           alarm.json, known.note and shown.note: the evidence
type witnessDir string

// trustedLog is log.json.
type trustedLog struct {
	Origin  string   `json:"origin"`
	Keys    []string `json:"keys"`
	Removed bool     `json:"removed,omitempty"` // no longer trusted; what was cosigned is not forgotten
}

// seenNote is last.json, and a line of history.jsonl.
type seenNote struct {
	At   time.Time `json:"at"`
	Size int64     `json:"size"`
	Root string    `json:"root"`
	Note string    `json:"note"`
}

func (d witnessDir) keyFile() string { return filepath.Join(string(d), "witness.key") }

func (d witnessDir) logDir(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(string(d), "logs", hex.EncodeToString(sum[:8]))
}

// cosigner reads the key: not_found witness.no_key, tampered witness.key_damaged.
func (d witnessDir) cosigner() (*merkle.Cosigner, error) {
	secret, err := os.ReadFile(d.keyFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ledger.E(ledger.NotFound, "witness.no_key", string(d))
	}
	if err != nil {
		return nil, err
	}
	c, err := merkle.NewCosigner(string(secret))
	if err != nil {
		return nil, ledger.E(ledger.Tampered, "witness.key_damaged", d.keyFile()).Because(err)
	}
	return c, nil
}

// lock makes this process the one that cosigns: conflict witness.taken. What a process before it wrote is on the disk
// when lock returns: it may have ended between writing and making sure.
func (d witnessDir) lock() (io.Closer, error) {
	f, err := os.OpenFile(filepath.Join(string(d), "serve.lock"), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(ledger.E(ledger.Conflict, "witness.taken", string(d)).Because(err), f.Close())
	}
	logs, err := filepath.Glob(filepath.Join(string(d), "logs", "*"))
	for _, dir := range logs {
		err = errors.Join(err, mendHistory(filepath.Join(dir, "history.jsonl")), syncFile(dir))
		for _, name := range []string{"history.jsonl", "last.json"} {
			if path := filepath.Join(dir, name); exists(path) {
				err = errors.Join(err, syncFile(path))
			}
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// mendHistory ends a line that was cut off, by a crash or a full disk: its checkpoint was never cosigned.
func mendHistory(path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return err
	}
	var last [1]byte
	if _, err := f.ReadAt(last[:], size-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = f.WriteString("\n")
	}
	return err
}

// trust takes up a log, or another key of one: gives its origin. invalid witness.log_key_form.
func (d witnessDir) trust(verifier string) (string, error) {
	origin, err := merkle.LogName(verifier)
	if err != nil {
		return "", ledger.E(ledger.Invalid, "witness.log_key_form", verifier).Because(err)
	}
	log, err := d.log(origin)
	if err != nil {
		return "", err
	}
	log.Removed = false
	if !slices.Contains(log.Keys, verifier) {
		log.Keys = append(log.Keys, verifier)
	}
	if err := os.MkdirAll(d.logDir(origin), 0o700); err != nil {
		return "", err
	}
	if err := syncFile(filepath.Dir(d.logDir(origin))); err != nil {
		return "", err
	}
	return origin, d.writeJSON(filepath.Join(d.logDir(origin), "log.json"), log)
}

// distrust answers a log no more. What was cosigned is kept: trusted again it goes on from there. not_found
// witness.no_log.
func (d witnessDir) distrust(origin string) error {
	log, err := d.log(origin)
	if err != nil {
		return err
	}
	if len(log.Keys) == 0 || log.Removed {
		return ledger.E(ledger.NotFound, "witness.no_log", origin)
	}
	log.Removed = true
	return d.writeJSON(filepath.Join(d.logDir(origin), "log.json"), log)
}

func (d witnessDir) log(origin string) (trustedLog, error) {
	log := trustedLog{Origin: origin}
	err := readJSON(filepath.Join(d.logDir(origin), "log.json"), &log)
	if errors.Is(err, fs.ErrNotExist) {
		return log, nil
	}
	if err == nil && log.Origin != origin {
		err = fmt.Errorf("%s is of the log %q", d.logDir(origin), log.Origin)
	}
	return log, err
}

// Keys implements witness.Store. A log that is added while the witness serves is answered at once.
func (d witnessDir) Keys(origin string) ([]string, error) {
	log, err := d.log(origin)
	if err != nil || log.Removed {
		return nil, err
	}
	return log.Keys, nil
}

// seen reads the last checkpoint of a log. Without last.json the history says it; a file that cannot be read is an
// error, never a new beginning.
func (d witnessDir) seen(origin string) (s seenNote, found bool, err error) {
	err = readJSON(filepath.Join(d.logDir(origin), "last.json"), &s)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err == nil, err
	}
	err = d.history(origin, func(line seenNote) {
		if !found || line.Size > s.Size {
			s, found = line, true
		}
	})
	return s, found, err
}

func (d witnessDir) history(origin string, each func(seenNote)) (err error) {
	f, err := os.Open(filepath.Join(d.logDir(origin), "history.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s seenNote
		if json.Unmarshal(lines.Bytes(), &s) == nil { // what a crash cut off was never cosigned
			each(s)
		}
	}
	return lines.Err()
}

// Last implements witness.Store.
func (d witnessDir) Last(origin string) (string, error) {
	s, _, err := d.seen(origin)
	return s.Note, err
}

// Known implements witness.Store.
func (d witnessDir) Known(origin string, size int64) (note string, err error) {
	err = d.history(origin, func(s seenNote) {
		if s.Size == size && note == "" {
			note = s.Note
		}
	})
	return note, err
}

// Advance implements witness.Store: the history first, so that it lacks nothing that was ever cosigned.
func (d witnessDir) Advance(c merkle.Checkpoint, note string, at time.Time) error {
	s := seenNote{At: at.UTC().Truncate(time.Second), Size: c.Size, Root: c.Root.String(), Note: note}
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	history := filepath.Join(d.logDir(c.Origin), "history.jsonl")
	if err := errors.Join(mendHistory(history), appendFile(history, append(line, '\n'))); err != nil {
		return err
	}
	return d.writeJSON(filepath.Join(d.logDir(c.Origin), "last.json"), s)
}

// writeJSON replaces a file whole: after a crash there is the old one or the new one.
func (d witnessDir) writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(path, append(text, '\n'))
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// replaceFile writes beside the file, makes sure that it is on the disk, and renames it.
func replaceFile(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// appendFile adds a line to a file and makes sure that both are on the disk.
func appendFile(path string, line []byte) error {
	isNew := !exists(path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil || !isNew {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// syncFile makes sure that a file, or the names in a directory, are on the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
