package localpg

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// readyState is what keeper.lock says while the server is ready.
type readyState struct {
	PID       int    `json:"pid"` // the postmaster's
	Major     int    `json:"major"`
	SocketDir string `json:"socket_dir"`
}

// readReady reads the state; ok is false while the keeper is not ready.
func readReady(f *os.File) (state readyState, ok bool) {
	text, err := readWhole(f)
	if err != nil || !bytes.HasSuffix(text, []byte("\n")) || json.Unmarshal(text, &state) != nil {
		return readyState{}, false
	}
	return state, state.PID > 0
}

// word is the one line that a keeper says on its standard output: it is ready,
// another keeper was quicker, or what went wrong.
type word struct {
	Ready   *readyState `json:"ready,omitempty"`
	Busy    bool        `json:"busy,omitempty"`
	Kind    string      `json:"kind,omitempty"`
	Message string      `json:"message,omitempty"`
	Dir     string      `json:"dir,omitempty"`
	Major   int         `json:"major,omitempty"`
	Log     string      `json:"log,omitempty"`
}

// errNoWord says that the keeper ended before it said anything, or found
// another one at work: look again.
var errNoWord = errors.New("localpg: the keeper said nothing")

func (u *User) keeperCommand() []string {
	argv := u.opts.Keeper
	if len(argv) == 0 {
		exe, err := os.Executable()
		if err != nil {
			exe = os.Args[0]
		}
		argv = []string{exe, "keep"}
	}
	argv = append([]string{}, argv...)
	for _, s := range u.opts.Settings {
		argv = append(argv, "-set", s)
	}
	if u.opts.BinDir != "" {
		argv = append(argv, "-bin", u.opts.BinDir)
	}
	if u.opts.Linger > 0 {
		argv = append(argv, "-linger", u.opts.Linger.String())
	}
	if u.opts.Ephemeral {
		argv = append(argv, "-ephemeral")
	}
	return append(argv, u.layout.dataDir)
}

// spawn starts a keeper in a session of its own, so that neither a Ctrl-C nor
// the end of this process reaches it, and waits for its word.
func (u *User) spawn(ctx context.Context) (readyState, error) {
	argv := u.keeperCommand()
	exe, err := exec.LookPath(argv[0])
	if err == nil {
		exe, err = filepath.Abs(exe)
	}
	if err != nil {
		return readyState{}, fmt.Errorf("localpg: finding the keeper's command: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return readyState{}, fmt.Errorf("localpg: starting the keeper: %w", err)
	}
	defer drop(r)
	// No other descriptor is passed on: neither our flocks nor our standard
	// error, on whose end the caller's parent may wait.
	cmd := exec.Command(exe, argv[1:]...)
	cmd.Dir = "/"
	cmd.Env = serverEnv() // nor what else the environment holds, a database URL with a password perhaps
	if dir, ok := os.LookupEnv("XDG_RUNTIME_DIR"); ok {
		cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR="+dir)
	}
	cmd.Stdout = w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	drop(w)
	if err != nil {
		return readyState{}, fmt.Errorf("localpg: starting the keeper: %w", err)
	}
	go func() { _ = cmd.Wait() }() // so that it leaves no zombie; how it ends is of no interest
	return u.hear(ctx, r)
}

func (u *User) hear(ctx context.Context, r *os.File) (readyState, error) {
	stop := context.AfterFunc(ctx, func() {
		_ = r.SetReadDeadline(time.Unix(1, 0)) // long past: the reading below ends
	})
	defer stop()
	slow := time.AfterFunc(5*time.Second, func() {
		u.opts.Progress("still waiting for PostgreSQL, which writes to " + u.layout.logFile())
	})
	defer slow.Stop()
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if ctx.Err() != nil {
		return readyState{}, fmt.Errorf("localpg: waiting for PostgreSQL in %s: %w", u.layout.dataDir, context.Cause(ctx))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return readyState{}, fmt.Errorf("localpg: hearing the keeper: %w", err)
	}
	var said word
	if err != nil || json.Unmarshal(line, &said) != nil || said.Busy {
		return readyState{}, errNoWord
	}
	if said.Ready != nil {
		return *said.Ready, nil
	}
	kind := kinds()[said.Kind]
	if kind == nil {
		kind = ErrStart
	}
	return readyState{}, &Error{Kind: kind, Message: said.Message, Dir: said.Dir, Major: said.Major, Log: said.Log}
}

// say is the keeper's side.
func say(out io.Writer, said word) {
	line, err := json.Marshal(said)
	if err != nil {
		return // a struct of strings and numbers
	}
	// A user that has died meanwhile does not hear it; that is its right.
	_, _ = out.Write(append(line, '\n'))
}

func sayError(out io.Writer, err error) {
	said := word{Kind: "start", Message: err.Error()}
	var e *Error
	if errors.As(err, &e) {
		said = word{Message: e.Message, Dir: e.Dir, Major: e.Major, Log: e.Log}
		for name, kind := range kinds() {
			if errors.Is(e.Kind, kind) {
				said.Kind = name
			}
		}
	}
	say(out, said)
}
