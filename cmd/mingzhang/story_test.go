package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// waitStop is how long the cluster may take to stop after its last user.
const waitStop = 20 * time.Second

// world is the built program with a data directory of its own: what a user has.
type world struct {
	tb        testing.TB
	bin, data string
}

// built is the program, built once for all tests of the package.
var built = struct {
	bin string
	err error
}{}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "keep" {
		os.Exit(localpg.Keep(os.Args[2:]))
	}
	if len(os.Args) > 2 && os.Args[1] == "witness-dies" {
		dieWitnessing(os.Args[2])
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "mingzhang-story-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built.bin = filepath.Join(dir, "mingzhang")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", built.bin, ".").CombinedOutput(); err != nil {
		built.err = fmt.Errorf("building the program: %w\n%s", err, out)
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// newWorld gives an empty data directory that a dropped server can reach, too.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	if built.err != nil {
		tb.Fatal(built.err)
	}
	dir, err := os.MkdirTemp("", "mingzhang-world-") //nolint:usetesting // a TempDir is closed to the user that the server runs as
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	w := &world{tb: tb, bin: built.bin, data: filepath.Join(dir, "data dir")}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), waitStop)
		defer cancel()
		if err := localpg.WaitStopped(ctx, w.data); err != nil {
			tb.Errorf("PostgreSQL stayed behind: %v", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return w
}

// done is what a command printed, and how it ended.
type done struct {
	out, err string
	status   int
}

// do runs a command.
func (w *world) do(args ...string) done {
	w.tb.Helper()
	return w.doIn("", args...)
}

func (w *world) doIn(stdin string, args ...string) done {
	w.tb.Helper()
	c := exec.CommandContext(w.tb.Context(), w.bin, args...)
	c.Env = append(os.Environ(), "MINGZHANG_DATA_DIR="+w.data)
	c.Stdin = strings.NewReader(stdin)
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	err := c.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		w.tb.Fatal(err)
	} else if ok {
		return done{out.String(), talk.String(), exit.ExitCode()}
	}
	return done{out.String(), talk.String(), 0}
}

// want runs a command, wants its exit status, and wants texts in what it printed.
func (w *world) want(status int, texts []string, args ...string) done {
	w.tb.Helper()
	d := w.do(args...)
	d.want(w.tb, strings.Join(args, " "), status, texts...)
	return d
}

func (d done) want(tb testing.TB, what string, status int, texts ...string) {
	tb.Helper()
	if d.status != status {
		tb.Fatalf("%s: exit status %d, want %d\nstdout: %s\nstderr: %s", what, d.status, status, d.out, d.err)
	}
	for _, text := range texts {
		if !strings.Contains(d.out+d.err, text) {
			tb.Errorf("%s: no %q in\nstdout: %s\nstderr: %s", what, text, d.out, d.err)
		}
	}
}

// file writes a file of the test.
func (w *world) file(name, body string) string {
	w.tb.Helper()
	path := filepath.Join(w.tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		w.tb.Fatal(err)
	}
	return path
}

// behind is a connection of the owner, behind the program's back.
func (w *world) behind() *bun.DB {
	w.tb.Helper()
	user, err := localpg.Start(w.tb.Context(), localpg.Options{DataDir: w.data, Keeper: []string{w.bin, "keep"}})
	if err != nil {
		w.tb.Fatal(err)
	}
	db := pgconn.Open(pgconn.Options{Network: "unix", Address: user.Socket(), User: localpg.OwnerRole, Database: localpg.Database})
	w.tb.Cleanup(func() {
		if err := errors.Join(db.Close(), user.Close()); err != nil {
			w.tb.Error(err)
		}
	})
	return db
}

const demoPeriodFlags = "--book demo --from 2021-01-01 --to 2021-06-30"

func TestStory_Newcomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, []string{
		"公开交易成交37宗,底价合同总额3324.74万元,合同总标的(成交)4763.63万元,溢价1438.89万元,溢价率43.28%(Σ溢价÷Σ底价)",
		"422.02", "174.68", "虚构", "premium_is_hammer_total",
	}, "run", "--once")
	w.want(0, []string{"37 lots hammered", "1438.89"}, "run", "--once", "--lang", "en")

	d := w.want(0, nil, append([]string{"report", "summary", "--format", "json"}, strings.Fields(demoPeriodFlags)...)...)
	var summary struct {
		Report  string
		Version int
		AsOf    int64 `json:"as_of"`
		Trades  struct {
			Hammered, Unsold, Defaulted, Signed int
			BaseTotal                           string `json:"base_total"`
			HammerTotal                         string `json:"hammer_total"`
			ContractTotal                       string `json:"contract_total"`
			PremiumTotal                        string `json:"premium_total"`
			PremiumRate                         string `json:"premium_rate"`
			RateDefinition                      string `json:"rate_definition"`
		}
		Land []struct {
			Owner   string
			Parcels int
			Area    string `json:"verified_area_mu"`
		}
	}
	if err := json.Unmarshal([]byte(d.out), &summary); err != nil {
		t.Fatalf("%v in %s", err, d.out)
	}
	trades := summary.Trades
	if got := fmt.Sprintln(trades.Hammered, trades.Unsold, trades.Defaulted, trades.Signed, trades.BaseTotal, trades.HammerTotal,
		trades.ContractTotal, trades.PremiumTotal, trades.PremiumRate, trades.RateDefinition); got !=
		"37 6 2 32 33247400.00 47636300.00 47636300.00 14388900.00 0.4328 on_contract_total\n" {
		t.Errorf("trades: %s", got)
	}
	if got := fmt.Sprint(summary.Land); got != "[{collective 41 422.02} {state 42 174.68}]" {
		t.Errorf("land: %s", got)
	}
	w.want(0, []string{"完好"}, "check")
	w.want(0, []string{"book demo: clean"}, "check", "--book", "demo", "--lang", "en")
	w.want(0, []string{"\ufeff项目代码", "premium_total,溢价,14388900.00,元"}, append([]string{"report", "summary", "--format", "csv"}, strings.Fields(demoPeriodFlags)...)...)

	sentence := w.file("sentence.txt", demoStatement)
	for _, args := range [][]string{{"statement", "check", sentence}, append([]string{"statement", "check", sentence}, strings.Fields(demoPeriodFlags)...)} {
		d := w.want(3, []string{"1438.89"}, append(args, "--format", "json")...)
		if !strings.Contains(d.out, `"verdict":"mislabelled"`) && !strings.Contains(d.out, `"verdict":"contradictory"`) {
			t.Errorf("%v: %s", args, d.out)
		}
	}
	// As of an older checkpoint the figures are those of then; any other number is refused.
	w.want(0, []string{`"hammered":0`}, append([]string{"report", "summary", "--as-of", "1", "--format", "json"}, strings.Fields(demoPeriodFlags)...)...)
	w.want(1, []string{"1"}, append([]string{"report", "summary", "--as-of", "2"}, strings.Fields(demoPeriodFlags)...)...)
	w.want(0, nil, "book", "drop", "demo")
	w.want(0, []string{"账簿 installation：完好"}, "check") // no book is left but the installation's log
	w.want(0, []string{"37宗"}, "run", "--once")        // the demo book again, in the same installation
	w.want(0, []string{"完好"}, "check")
}

func TestStory_ChangeBehindTheProgramsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "demo")
	db := w.behind()
	for _, statement := range []string{
		"SET session_replication_role = replica",
		"UPDATE lots SET hammer_total = hammer_total + 100 WHERE lot_no = '示例街集资交〔2021〕0003号'",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var seq int64
	if err := db.NewRaw("SELECT seq_from FROM lots WHERE lot_no = '示例街集资交〔2021〕0003号'").Scan(t.Context(), &seq); err != nil {
		t.Fatal(err)
	}
	w.want(3, []string{fmt.Sprintf("条目 %d", seq), "lots.hammer_total"}, "check")
	if _, err := db.ExecContext(t.Context(), "UPDATE lots SET hammer_total = hammer_total - 100 WHERE seq_from = ?", seq); err != nil {
		t.Fatal(err)
	}
	w.want(0, []string{"完好"}, "check")
}

func TestStory_Usage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for _, tt := range []struct {
		status int
		text   string
		args   []string
	}{
		{2, "没有这个命令", []string{"nonsense"}},
		{2, "没有这个命令", []string{"book", "burn"}},
		{2, "no such command", []string{"book", "burn", "--lang", "en"}},
		{0, "import parcels", []string{"import", "--help"}},
		{2, "import parcels", []string{"import"}},
		{2, "没有这个选项：--colour", []string{"check", "--colour", "red"}},
		{2, "选项 --book 后面要写值", []string{"check", "--book"}},
		{0, "import lots", []string{"help"}},
		{0, "the half-year summary", []string{"help", "--lang", "en"}},
		{0, "the half-year summary", []string{"--lang=en", "--help"}},
		{2, "the half-year summary", []string{"--lang", "en"}},
		{0, "--rejects", []string{"import", "lots", "--help"}},
		{2, "--book", []string{"report", "summary"}},
		{2, "--from", []string{"report", "summary", "--book", "demo"}},
		{2, "2021-02-30", []string{"report", "summary", "--book", "demo", "--from", "2021-02-30", "--to", "2021-06-30"}},
		{2, "--format", []string{"report", "summary", "--book", "demo", "--format", "pdf"}},
		{2, "--lang", []string{"version", "--lang", "fr"}},
		{0, "明账", []string{"version"}},
		{2, "--reason", []string{"import", "lots", "x.csv", "--book", "demo", "--amend"}},
		{1, "nowhere", []string{"report", "summary", "--book", "nowhere", "--from", "2021-01-01", "--to", "2021-06-30"}},
		{1, taken.Addr().String(), []string{"serve", "--listen", taken.Addr().String()}},
		{1, "0.0.0.0:8080", []string{"serve", "--listen", "0.0.0.0:8080"}},
		{1, "", []string{"check", "--database-url", "postgres://nobody@127.0.0.1:1/none?sslmode=disable"}},
		{1, "", []string{"check", "--database-url", "mysql://x"}},
		{1, "missing.txt”这个文件", []string{"statement", "check", filepath.Join(w.data, "missing.txt")}},
		{1, "missing.tar”这个文件", []string{"backup", "check", filepath.Join(w.data, "missing.tar")}},
		{0, "已建立", []string{"book", "add", "--name-zh", "某街道", "street", "--division", "441202001"}},
		{1, "street", []string{"book", "add", "street", "--name-zh", "又一个"}},
		{1, "4412", []string{"book", "add", "other", "--name-zh", "某街道", "--division", "4412"}},
		{1, "street", []string{"book", "drop", "street"}},
	} {
		d := w.do(tt.args...)
		if d.status != tt.status {
			t.Errorf("%v: exit status %d, want %d\n%s%s", tt.args, d.status, tt.status, d.out, d.err)
		}
		if !strings.Contains(d.out+d.err, tt.text) {
			t.Errorf("%v: no %q in %s%s", tt.args, tt.text, d.out, d.err)
		}
		if d.status != 0 && d.out != "" {
			t.Errorf("%v: a failure printed data: %s", tt.args, d.out)
		}
	}
	d := w.doIn("成交37宗,底价3324.74万元,溢价1438.89万元,溢价率43.28%。", "statement", "check", "-")
	d.want(t, "statement check -", 0, "相符")
}

// start starts a command and does not wait for it.
func (w *world) start(args ...string) *exec.Cmd {
	w.tb.Helper()
	c := exec.CommandContext(w.tb.Context(), w.bin, args...)
	c.Env = append(os.Environ(), "MINGZHANG_DATA_DIR="+w.data)
	if err := c.Start(); err != nil {
		w.tb.Fatal(err)
	}
	return c
}
