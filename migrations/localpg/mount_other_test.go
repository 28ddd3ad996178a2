//go:build unix && !linux

package localpg

import "errors"

// There is no such disk here: TestFullDisk limits the size of files instead.
func mountSmall(string) error { return errors.ErrUnsupported }

func enlarge(string) error { return errors.ErrUnsupported }
