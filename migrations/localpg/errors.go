package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// The kinds of failure that a caller may want to tell apart with errors.Is.
var (
	// ErrNoBinaries says that no PostgreSQL server is installed.
	ErrNoBinaries = errors.New("PostgreSQL is not installed")
	// ErrTooOld says that only a PostgreSQL before MinMajor is installed.
	ErrTooOld = errors.New("PostgreSQL is too old")
	// ErrOtherMajor says that the data belongs to a major version whose
	// programs are not installed.
	ErrOtherMajor = errors.New("the data belongs to another PostgreSQL")
	// ErrDiskFull says that there is no space left below the data directory.
	ErrDiskFull = errors.New("no space left on the disk")
	// ErrUnreachableDir says that the data directory cannot be made or entered.
	ErrUnreachableDir = errors.New("the data directory cannot be reached")
	// ErrStart says that postgres or initdb failed for another reason.
	ErrStart = errors.New("PostgreSQL did not start")
)

// Error is a failure to start the private PostgreSQL. Message is one English
// sentence with its remedy; the other fields are there for callers that write
// their own sentence.
type Error struct {
	Kind    error  // one of the Err… values above
	Message string // one line
	Dir     string // the directory meant, if any
	Major   int    // the PostgreSQL that was found or is wanted, if any
	Log     string // the last lines that PostgreSQL wrote, if any
}

// Error returns the message and, on further lines, what PostgreSQL said.
func (e *Error) Error() string {
	if e.Log == "" {
		return e.Message
	}
	return e.Message + "\n" + e.Log
}

// Unwrap returns the kind, so that errors.Is finds it.
func (e *Error) Unwrap() error { return e.Kind }

// kinds names each kind for the way from the keeper to the user.
func kinds() map[string]error {
	return map[string]error{
		"no_binaries": ErrNoBinaries, "too_old": ErrTooOld, "other_major": ErrOtherMajor,
		"disk_full": ErrDiskFull, "unreachable_dir": ErrUnreachableDir, "start": ErrStart,
	}
}

// isFull reports whether err, or what a program printed, means a full disk.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func saysFull(output string) bool {
	return strings.Contains(output, "No space left on device") ||
		strings.Contains(output, "Disk quota exceeded") || strings.Contains(output, "File too large")
}

func fullError(dir, log string) *Error {
	return &Error{Kind: ErrDiskFull, Dir: dir, Log: log,
		Message: fmt.Sprintf("no space left for the database in %s: free at least 100 MB there and run the command again", dir)}
}

// dirError turns an error of the file system below dir into an *Error.
func dirError(dir, doing string, err error) error {
	switch {
	case isFull(err):
		return fullError(dir, "")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return &Error{Kind: ErrUnreachableDir, Dir: dir,
			Message: fmt.Sprintf("%s: %v; choose a directory of your own with --data-dir", doing, err)}
	}
	return fmt.Errorf("localpg: %s: %w", doing, err)
}

func startError(dir, doing, log string) *Error {
	if saysFull(log) {
		var lines []string
		for line := range strings.Lines(log) {
			if saysFull(line) {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		return fullError(dir, strings.Join(lines, "\n"))
	}
	return &Error{Kind: ErrStart, Dir: dir, Log: log, Message: fmt.Sprintf("%s in %s failed", doing, dir)}
}
