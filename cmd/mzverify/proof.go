package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

const (
	proofHeader = "c2sp.org/tlog-proof@v1"
	proofMax    = 1 << 20 // bytes: an entry of 64 KiB in base64 and JSON, 63 hashes, a note
)

// proofFile is a proof as it was read. Entry and key are what the file itself says.
type proofFile struct {
	entry      []byte
	key        string
	index      int64
	hashes     [][]byte
	checkpoint checkpoint
	leaf       hash
}

// readLimited reads a small file whole.
func readLimited(path string, most int) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil && len(body) > most {
		return "", brokenAt(path, 0, text{"文件过大", "the file is too large"})
	}
	return string(body), err
}

// parseProof reads a C2SP tlog-proof with Mingzhang's extra data.
func parseProof(path, body string) (*proofFile, error) {
	head, note, found := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != proofHeader {
		return nil, brokenAt(path, 1, text{"不是证明文件（" + proofHeader + "）", "not a proof file (" + proofHeader + ")"})
	}
	p := new(proofFile)
	if !p.readExtra(lines[1]) {
		return nil, brokenAt(path, 2, text{"extra 一行里没有条目原文和公钥", "its line extra has no entry and key"})
	}
	index, ok := strings.CutPrefix(lines[2], "index ")
	n, err := strconv.ParseInt(index, 10, 64)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != index {
		return nil, brokenAt(path, 3, text{"没有条目号", "no number of an entry"})
	}
	p.index = n
	for i, line := range lines[3:] {
		h, ok := parseHash64(line)
		if !ok {
			return nil, brokenAt(path, int64(4+i), text{"不是哈希", "not a hash"})
		}
		p.hashes = append(p.hashes, h[:])
	}
	if p.checkpoint, ok = parseCheckpoint(note); !ok {
		return nil, brokenAt(path, int64(len(lines)+2), text{"不是链首凭证", "not a signed checkpoint"})
	}
	p.leaf, _ = leafHash(nil, p.entry)
	return p, nil
}

// readExtra reads {"entry":"…","verifier_key":"…"}, in the one way in which it is written.
func (p *proofFile) readExtra(line string) bool {
	encoded, ok := strings.CutPrefix(line, "extra ")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || strings.ContainsAny(encoded, "\r\n") {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	var extra map[string]string // not a struct: that would take ENTRY for entry
	if d.Decode(&extra) != nil || d.More() || len(extra) != 2 || extra["entry"] == "" {
		return false
	}
	p.entry, p.key = []byte(extra["entry"]), extra["verifier_key"]
	return true
}

// check holds the file together: the entry is canonical, and it is in the tree of the checkpoint. It says nothing of who
// signed that.
func (p *proofFile) check(path string) error {
	var e entry
	newReader().read(&e, p.entry, false)
	if e.bad != "" {
		f := flaw(e.bad)
		return brokenAt(path, 2, text{"条目不是规范形式：" + f.zh, "the entry is not canonical: " + f.en})
	}
	if e.amends == none && e.record != p.index || e.record > p.index {
		return brokenAt(path, 2, textf(text{"条目号 %d 与条目所说的记录 %d 不符", "entry %d says that it is of record %d"}, p.index, e.record))
	}
	if p.index >= p.checkpoint.size {
		return brokenAt(path, 3, textf(text{"凭证只有 %d 个条目", "the checkpoint has %d entries only"}, p.checkpoint.size))
	}
	err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(p.index), uint64(p.checkpoint.size), p.leaf[:], p.hashes, p.checkpoint.root[:])
	if err != nil {
		return brokenAt(path, 0, text{"条目不在这张凭证的账簿里：哈希算不到它的根", "the entry is not in the book of this checkpoint: the hashes do not lead to its root"})
	}
	return nil
}

// judge says whose signature it is. keys are those that the asker brought; without any the file's own key is taken, and
// said to be that.
func (p *proofFile) judge(path string, keys []verifier) (signer verifier, own bool, err error) {
	for _, k := range keys {
		if p.checkpoint.signedBy(k) && k.name == p.checkpoint.origin {
			return k, false, nil
		}
	}
	if len(keys) > 0 {
		return signer, false, brokenAt(path, 0, text{"凭证没有所给公钥的有效签名", "the checkpoint has no valid signature of the key that was given"})
	}
	k, ok := parseVerifier(p.key)
	if !ok || !p.checkpoint.signedBy(k) || k.name != p.checkpoint.origin {
		return signer, true, brokenAt(path, 0, text{"凭证没有文件自带公钥的有效签名", "the checkpoint has no valid signature of the file's own key"})
	}
	return k, true, nil
}
