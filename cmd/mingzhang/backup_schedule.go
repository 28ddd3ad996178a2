package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"mingzhang/migrations/backup"
)

// backupRetry is how long after a failure the next try comes, at the latest.
const backupRetry = time.Hour

// scheduled are the options of serve that make backups by themselves.
type scheduled struct {
	dir      *string
	every    *time.Duration
	keep     *int
	warnDays *int
	phrase   *passphrase
	secret   string
}

func (o *options) scheduled() *scheduled {
	p := o.p
	return &scheduled{
		dir:      o.String("backup-dir", os.Getenv("MINGZHANG_BACKUP_DIR"), p.say("定时备份到这个文件夹", "folder for backups that are made by themselves")),
		every:    o.Duration("backup-every", 24*time.Hour, p.say("多久备份一次，如 24h", "how often, such as 24h")),
		keep:     o.Int("backup-keep", 30, p.say("保留最近几份", "how many of them are kept")),
		warnDays: o.Int("backup-warn-days", backupWarnDays, p.say("几天没有备份就提醒；0 不提醒", "after how many days without a backup to warn; 0: never")),
		phrase:   o.passphrase(),
	}
}

// check refuses options that make no sense, and reads the passphrase before anything starts.
func (v *scheduled) check(o *options) (err error) {
	if *v.every < time.Minute {
		return &usageError{o.p.say("--backup-every 至少是 1m", "--backup-every is 1m or more")}
	}
	if *v.keep < 1 {
		return &usageError{o.p.say("--backup-keep 至少是 1", "--backup-keep is 1 or more")}
	}
	v.secret, err = v.phrase.read()
	return err
}

// keepBackups makes a backup whenever the last one is old enough, until the program stops. It pauses nothing; a failure
// is logged, noted for the desk, and tried again.
func (s *session) keepBackups(ctx context.Context, o *options, v *scheduled, log *slog.Logger) {
	if *v.dir == "" {
		return
	}
	if v.secret == "" {
		log.WarnContext(ctx, "backups hold no keys: no passphrase was given", slog.String("dir", *v.dir))
	}
	wait := s.untilBackup(ctx, o, v)
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		file := backupFile(*v.dir+"/", "mingzhang-", o.p.now())
		m, err := s.backUp(ctx, o, file, v.secret)
		if ctx.Err() != nil {
			return
		}
		wait = *v.every
		if err == nil {
			log.InfoContext(ctx, "backed up", slog.String("file", file), slog.Int("books", len(m.Books)), slog.Bool("keys", m.Keys != nil))
			err = prune(*v.dir, *v.keep)
		}
		if err != nil {
			log.ErrorContext(ctx, "backing up", slog.String("file", file), slog.Any("error", err))
			wait = min(wait, backupRetry)
		}
	}
}

// untilBackup is how long the last backup is still new enough.
func (s *session) untilBackup(ctx context.Context, o *options, v *scheduled) time.Duration {
	state, err := s.backupState(ctx, o.p.now(), 0)
	if err != nil || state.At == nil {
		return 0
	}
	return max(0, *v.every-state.Age)
}

// scheduledName is what prune may remove: what this program named itself.
var scheduledName = regexp.MustCompile(`^mingzhang-\d{8}T\d{6}(\.\d{3})?Z\.tar$`)

// prune removes the oldest backups beyond keep, and their keys. It is called when a new one is there and whole.
func prune(dir string, keep int) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return !e.Type().IsRegular() || !scheduledName.MatchString(e.Name()) })
	for _, e := range entries[:max(0, len(entries)-keep)] { // sorted by name, which is by time
		file := filepath.Join(dir, e.Name())
		if err := os.Remove(file); err != nil {
			return err
		}
		if err := os.Remove(backup.KeysBeside(file)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
