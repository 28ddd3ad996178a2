package dbtest

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestNew_SweepsUp(t *testing.T) {
	t.Parallel()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.CommandContext(t.Context(), "true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	dead := fmt.Sprintf("t_%d_1", gone.Process.Pid)
	living := fmt.Sprintf("t_%d_1000000", os.Getppid())
	for _, name := range []string{dead, living} {
		if err := c.exec(t.Context(), "CREATE DATABASE ?", name); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for there := true; there; <-tick.C {
		if there, err = c.exists(t.Context(), dead); err != nil {
			t.Fatal(err)
		}
	}
	if there, err := c.exists(t.Context(), living); err != nil || !there {
		t.Errorf("the database of a living process: got %v, %v; want it there", there, err)
	}
	c.discard(living)
}

func TestPidOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"t_12_3": 12, "t_x_3": 0, "t_-1_3": 0, "t_12": 0, "t_1_2_3": 0} {
		if got, ok := pidOf(name); ok != (want > 0) || ok && got != want {
			t.Errorf("%s: got %d, %v; want %d", name, got, ok, want)
		}
	}
}
