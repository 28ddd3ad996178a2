package browser_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// root is the folder of the repository as the tests of this package see it.
const root = "../.."

// patience bounds each step. It is long because the packages of a test run share the machine; a step that
// works takes some tens of milliseconds.
const patience = time.Minute

// chromium is the one browser of this test run, started by the first story that opens a page.
var chromium = sync.OnceValues(startChromium)

// quit ends the browser, if one was started.
var quit = func() {}

func TestMain(m *testing.M) {
	status := m.Run()
	quit()
	os.Exit(status)
}

// startChromium starts the browser with a folder of its own, and without anything that would look for the
// outside world.
func startChromium() (context.Context, error) {
	program, err := findChromium()
	if err != nil {
		return nil, err
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(program),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), // the server is on this machine
		chromedp.Flag("lang", "zh-CN"),
	)
	if os.Getuid() == 0 {
		flags = append(flags, chromedp.NoSandbox) // Chromium refuses its sandbox to root
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, end := chromedp.NewContext(allocator)
	quit = func() { end(); endAllocator() }
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	return ctx, nil
}

// findChromium finds the browser where tools/setup.sh looks for it, too: CHROMIUM first.
func findChromium() (string, error) {
	if named := os.Getenv("CHROMIUM"); named != "" {
		return exec.LookPath(named)
	}
	names := []string{"chromium", "google-chrome", "google-chrome-stable", "chromium-browser"}
	if runtime.GOOS == "darwin" {
		names = append(names, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
			"/Applications/Chromium.app/Contents/MacOS/Chromium")
	}
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", errors.New("no Chromium here: run make setup, or name one in CHROMIUM")
}

// testout is the folder for what a story leaves to be looked at, one for each story: pictures, and the page it
// failed on.
func testout(tb testing.TB) string {
	tb.Helper()
	story, _, _ := strings.Cut(tb.Name(), "/")
	dir := filepath.Join(root, "testout", strings.TrimPrefix(story, "TestStory_"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}
