package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
)

// suspicionsMost bounds the suspicions that are kept of one log. Each needs a checkpoint that the log signed, but
// anybody may send old ones. Beyond it a new one takes the place of the oldest that the log
// itself has answered: whoever sends many old ones must not make the witness silent for later.
const suspicionsMost = 200

// alarmFile is alarm.json; the two notes lie beside it as they were signed.
type alarmFile struct {
	Kind    witness.AlarmKind `json:"kind"`
	Origin  string            `json:"origin"`
	At      time.Time         `json:"at"`
	Size    int64             `json:"size"`
	Root    string            `json:"root"`
	Last    int64             `json:"last"`
	Proof   []string          `json:"proof,omitempty"`
	Settled *time.Time        `json:"settled_at,omitempty"`
	Reason  string            `json:"reason,omitempty"`
}

func (d witnessDir) alarmsDir() string { return filepath.Join(string(d), "alarms") }

func (d witnessDir) alarmName(a witness.Alarm) string {
	return fmt.Sprintf("%s-%s-%d-%s", filepath.Base(d.logDir(a.Origin)), a.Kind, a.Size, hex.EncodeToString(a.Root[:4]))
}

func newAlarmFile(a witness.Alarm) alarmFile {
	f := alarmFile{
		Kind: a.Kind, Origin: a.Origin, At: a.At.UTC().Truncate(time.Second), Size: a.Size, Root: a.Root.String(), Last: a.Last,
		Settled: a.Settled, Reason: a.Reason,
	}
	for _, h := range a.Proof {
		f.Proof = append(f.Proof, h.String())
	}
	return f
}

// Raise implements witness.Store. A suspicion that was settled and comes again is raised again.
func (d witnessDir) Raise(a witness.Alarm) (bool, error) {
	known, err := d.Alarms()
	if err != nil {
		return false, err
	}
	a.Name = d.alarmName(a)
	suspicions, answered := 0, ""
	var oldest time.Time
	for _, k := range known {
		if k.Name == a.Name {
			if k.Open() {
				return false, nil
			}
			return true, d.writeJSON(filepath.Join(d.alarmsDir(), a.Name, "alarm.json"), newAlarmFile(a))
		}
		if k.Origin == a.Origin && !k.Kind.Proven() {
			suspicions++
			if !k.Open() && k.Reason == "" && (answered == "" || k.At.Before(oldest)) {
				answered, oldest = k.Name, k.At
			}
		}
	}
	if suspicions < suspicionsMost || a.Kind.Proven() {
		return true, d.keepEvidence(a)
	}
	if answered == "" {
		return false, nil
	}
	if err := os.RemoveAll(filepath.Join(d.alarmsDir(), answered)); err != nil {
		return false, err
	}
	return true, d.keepEvidence(a)
}

// keepEvidence writes the files of an alarm beside, and then gives them their name.
func (d witnessDir) keepEvidence(a witness.Alarm) error {
	if err := os.MkdirAll(d.alarmsDir(), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(d.alarmsDir(), ".new-*")
	if err != nil {
		return err
	}
	err = errors.Join(
		replaceFile(filepath.Join(dir, "known.note"), []byte(a.Known)),
		replaceFile(filepath.Join(dir, "shown.note"), []byte(a.Shown)),
		d.writeJSON(filepath.Join(dir, "alarm.json"), newAlarmFile(a)),
	)
	if err == nil {
		err = os.Rename(dir, filepath.Join(d.alarmsDir(), a.Name))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return errors.Join(syncFile(d.alarmsDir()), syncFile(string(d)))
}

// Settle implements witness.Store.
func (d witnessDir) Settle(c merkle.Checkpoint, at time.Time) error {
	known, err := d.Alarms()
	if err != nil {
		return err
	}
	at = at.UTC().Truncate(time.Second)
	for _, a := range known {
		if a.Origin != c.Origin || !a.Open() || !a.AnsweredBy(c) {
			continue
		}
		a.Settled = &at
		if err := d.writeJSON(filepath.Join(d.alarmsDir(), a.Name, "alarm.json"), newAlarmFile(a)); err != nil {
			return err
		}
	}
	return nil
}

// settleAlarm is a person's answer to an alarm; its evidence stays. not_found witness.no_alarm.
func (d witnessDir) settleAlarm(name, reason string, at time.Time) error {
	known, err := d.Alarms()
	if err != nil {
		return err
	}
	for _, a := range known {
		if a.Name == name && a.Open() {
			at = at.UTC().Truncate(time.Second)
			a.Settled, a.Reason = &at, reason
			return d.writeJSON(filepath.Join(d.alarmsDir(), a.Name, "alarm.json"), newAlarmFile(a))
		}
	}
	return ledger.E(ledger.NotFound, "witness.no_alarm", name)
}

// Alarms implements witness.Record: all of them, by name.
func (d witnessDir) Alarms() ([]witness.Alarm, error) {
	dirs, err := os.ReadDir(d.alarmsDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []witness.Alarm
	for _, dir := range dirs {
		if strings.HasPrefix(dir.Name(), ".") {
			continue // of a crash while it was written
		}
		a, err := d.readAlarm(dir.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

func (d witnessDir) readAlarm(name string) (witness.Alarm, error) {
	var f alarmFile
	path := filepath.Join(d.alarmsDir(), name)
	if err := readJSON(filepath.Join(path, "alarm.json"), &f); err != nil {
		return witness.Alarm{}, err
	}
	a := witness.Alarm{Name: name, Kind: f.Kind, Origin: f.Origin, At: f.At, Size: f.Size, Last: f.Last, Settled: f.Settled, Reason: f.Reason}
	var err error
	if a.Root, err = tlog.ParseHash(f.Root); err != nil {
		return a, fmt.Errorf("%s: %w", path, err)
	}
	for _, line := range f.Proof {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return a, fmt.Errorf("%s: %w", path, err)
		}
		a.Proof = append(a.Proof, h)
	}
	known, knownErr := os.ReadFile(filepath.Join(path, "known.note"))
	shown, shownErr := os.ReadFile(filepath.Join(path, "shown.note"))
	a.Known, a.Shown = string(known), string(shown)
	return a, errors.Join(knownErr, shownErr)
}

// Logs implements witness.Record: those that are trusted.
func (d witnessDir) Logs() ([]witness.LogState, error) {
	files, err := filepath.Glob(filepath.Join(string(d), "logs", "*", "log.json"))
	if err != nil {
		return nil, err
	}
	var list []witness.LogState
	for _, file := range files {
		var log trustedLog
		if err := readJSON(file, &log); err != nil {
			return nil, err
		}
		if log.Removed {
			continue
		}
		state := witness.LogState{Origin: log.Origin, Keys: log.Keys}
		seen, found, err := d.seen(log.Origin)
		if err != nil {
			return nil, err
		}
		if found {
			state.Seen, state.Size, state.At = true, seen.Size, seen.At
			if state.Root, err = tlog.ParseHash(seen.Root); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
		list = append(list, state)
	}
	return list, nil
}
