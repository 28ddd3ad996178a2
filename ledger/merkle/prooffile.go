package merkle

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ProofFile shows to somebody without any connection that an entry is in a log: C2SP tlog-proof.
type ProofFile struct {
	Extra      []byte // whatever the application needs besides; nothing signs it
	Index      int64
	Hashes     []Hash // from the leaf's sibling up
	Checkpoint string // the signed note, with whatever signature lines it has
}

const (
	proofHeader = "c2sp.org/tlog-proof@v1"
	proofExtra  = "extra "
	proofIndex  = "index "
)

// Bounds of what is read: a file holds one entry of at most 65,535 bytes; no proof is longer than a tree of 2^63
// leaves is high.
const (
	proofBytesMax  = 1 << 20
	proofHashesMax = 63
)

// Text is the file.
func (p ProofFile) Text() string {
	var b strings.Builder
	b.WriteString(proofHeader + "\n")
	if len(p.Extra) > 0 {
		b.WriteString(proofExtra + base64.StdEncoding.EncodeToString(p.Extra) + "\n")
	}
	b.WriteString(proofIndex + strconv.FormatInt(p.Index, 10) + "\n")
	for _, h := range p.Hashes {
		b.WriteString(h.String() + "\n")
	}
	return b.String() + "\n" + p.Checkpoint
}

// ParseProofFile reads a file and refuses whatever Text would have written otherwise. It checks no signature and no
// hash: OpenCheckpoint and CheckInclusion do.
func ParseProofFile(text string) (ProofFile, error) {
	var p ProofFile
	if len(text) > proofBytesMax {
		return p, fmt.Errorf("merkle: a proof of %d bytes, want at most %d", len(text), proofBytesMax)
	}
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || checkpoint == "" || lines[0] != proofHeader {
		return p, fmt.Errorf("merkle: no proof: it does not begin with %s, or no checkpoint follows", proofHeader)
	}
	p.Checkpoint, lines = checkpoint, lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], proofExtra) {
		extra, err := decodeLine(strings.TrimPrefix(lines[0], proofExtra))
		if err != nil || len(extra) == 0 {
			return p, errors.Join(errors.New("merkle: a proof's extra line is not base64 of anything"), err)
		}
		p.Extra, lines = extra, lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], proofIndex) {
		return p, fmt.Errorf("merkle: a proof without its index")
	}
	number := strings.TrimPrefix(lines[0], proofIndex)
	var err error
	if p.Index, err = strconv.ParseInt(number, 10, 64); err != nil || p.Index < 0 || strconv.FormatInt(p.Index, 10) != number {
		return p, fmt.Errorf("merkle: a proof of index %q", number)
	}
	if p.Hashes, err = parseHashes(lines[1:]); err != nil {
		return p, err
	}
	return p, nil
}

func parseHashes(lines []string) ([]Hash, error) {
	if len(lines) > proofHashesMax {
		return nil, fmt.Errorf("merkle: a proof of %d hashes, want at most %d", len(lines), proofHashesMax)
	}
	list := make([]Hash, len(lines))
	for i, line := range lines {
		hash, err := decodeLine(line)
		if err != nil || len(hash) != len(list[i]) {
			return nil, errors.Join(fmt.Errorf("merkle: line %d of a proof's hashes is no hash", i+1), err)
		}
		copy(list[i][:], hash)
	}
	return list, nil
}

// decodeLine reads base64 in its one canonical form. The decoder itself passes over carriage returns and may take
// other bits where the last character stands for less than six.
func decodeLine(line string) ([]byte, error) {
	decoded, err := base64.StdEncoding.DecodeString(line)
	if err == nil && base64.StdEncoding.EncodeToString(decoded) != line {
		err = fmt.Errorf("%q is not in canonical form", line)
	}
	return decoded, err
}
