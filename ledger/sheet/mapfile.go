package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// maxMapBytes bounds a mapping file.
const maxMapBytes = 1 << 20

// ParseMap reads a saved mapping from headers to column keys: a JSON object, or lines of header=key with
// comments after #. An empty key ignores the column; [F] stands for the column with that letter.
func ParseMap(r io.Reader) (map[string]string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxMapBytes+1))
	if err != nil {
		return nil, fmt.Errorf("sheet: reading the mapping: %w", err)
	}
	if len(text) > maxMapBytes {
		return nil, ledger.E(ledger.Invalid, "sheet.map_unreadable", 0)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		return parseMapJSON(trimmed)
	}
	out := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxMapBytes+1)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndexAny(line, "=＝")
		if i <= 0 {
			return nil, ledger.E(ledger.Invalid, "sheet.map_unreadable", n)
		}
		header := strings.TrimSpace(line[:i])
		key := strings.TrimSpace(strings.TrimLeft(line[i:], "=＝"))
		if old, ok := out[header]; ok && old != key || header == "" {
			return nil, ledger.E(ledger.Invalid, "sheet.map_unreadable", n)
		}
		out[header] = key
	}
	return out, nil
}

func parseMapJSON(text []byte) (map[string]string, error) {
	out := map[string]string{}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&out); err != nil {
		return nil, ledger.E(ledger.Invalid, "sheet.map_unreadable", 1).Because(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ledger.E(ledger.Invalid, "sheet.map_unreadable", 1)
	}
	return out, nil
}

// WriteMap writes the mapping that tables were read with, as ParseMap reads it; unknown columns stand in
// it as ignored, so that a person can fill in their keys.
func WriteMap(w io.Writer, tables []*Table) error {
	all := map[string]string{}
	for _, t := range tables {
		for _, u := range t.Unknown {
			if _, ok := all[u]; !ok {
				all[u] = ""
			}
		}
		maps.Copy(all, t.Mapping)
	}
	var b strings.Builder
	for _, header := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s = %s\n", header, all[header])
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("sheet: writing the mapping: %w", err)
	}
	return nil
}
