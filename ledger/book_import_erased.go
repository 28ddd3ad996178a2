package ledger

import "bytes"

// erasureMark stands in the line of every erasure: within a string its quotes would be escaped.
var erasureMark = []byte(`"kind":"erasure.recorded"`)

// findErasures reads the entries once before they are taken, for the texts that a later entry erased. A line that cannot
// be read is left to those who take it.
func (t *taking) findErasures() error {
	entries, err := openLines(t.export, ExportEntries)
	if err != nil {
		return err
	}
	defer entries.close()
	t.erased = map[TextAt]int64{}
	for {
		body, err := entries.read()
		if err != nil || body == nil {
			return err
		}
		seq := int64(entries.line) - 1
		if seq >= t.claimed.Size || !bytes.Contains(body, erasureMark) {
			continue
		}
		e, err := decodeEntry(t.book.store.kinds, seq, body)
		if err != nil {
			continue
		}
		if s, ok := e.State.(*ErasureState); ok {
			for _, at := range s.Texts {
				t.noteErased(seq, at)
			}
		}
	}
}
