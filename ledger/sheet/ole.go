package sheet

import (
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
)

// oleEntry is the size of a directory entry of a compound file; entries lie on its multiples.
const oleEntry = 128

// oleNames lists what the directory of a compound file (OLE2) names. It looks at every place where an
// entry can lie instead of following the chains, so that no broken or hostile file can lead it astray.
func oleNames(r io.ReaderAt, size int64) ([]string, error) {
	var names []string
	buf := make([]byte, 512*oleEntry)
	for at := int64(512); at < size; at += int64(len(buf)) {
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return names, err
		}
		for i := 0; i+oleEntry <= n; i += oleEntry {
			if name := oleName(buf[i : i+oleEntry]); name != "" {
				names = append(names, name)
			}
		}
		if len(names) > 10_000 {
			break
		}
	}
	return names, nil
}

// oleName reads a directory entry's name; "" when the bytes are no entry.
func oleName(entry []byte) string {
	length := int(binary.LittleEndian.Uint16(entry[64:]))
	kind := entry[66] // 1 storage, 2 stream, 5 root
	if length < 4 || length > 64 || length%2 != 0 || kind != 1 && kind != 2 && kind != 5 || entry[67] > 1 {
		return ""
	}
	units := make([]uint16, length/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(entry[2*i:])
	}
	if units[len(units)-1] != 0 {
		return ""
	}
	return string(utf16.Decode(units[:len(units)-1]))
}
