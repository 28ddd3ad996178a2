package dbtest

import (
	"context"
	"testing"
)

// BenchmarkClone measures what a test pays for its database, BenchmarkDrop what
// is paid beside the tests.
func BenchmarkClone(b *testing.B) {
	c, err := shared()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		name, err := c.clone(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.discard(name) })
	}
}

func BenchmarkDrop(b *testing.B) {
	c, err := shared()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		name, err := c.clone(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := c.exec(context.Background(), "DROP DATABASE ? WITH (FORCE)", name); err != nil {
			b.Fatal(err)
		}
	}
}
