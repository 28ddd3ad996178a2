package localpg

import "golang.org/x/sys/unix"

// mountSmall puts a disk with 24 MB at dir, and enlarge gives it 256.
func mountSmall(dir string) error { return unix.Mount("tmpfs", dir, "tmpfs", 0, "size=24m,mode=0711") }

func enlarge(dir string) error {
	return unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, "size=256m")
}
