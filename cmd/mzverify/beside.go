package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// sealedLines reads sealed.jsonl beside the entries: clear texts and salts, in the order of entry and field.
type sealedLines struct {
	*lines
	next  sealedText
	more  bool
	count int64
	// missing are commitments that no line opens, each with the line before which it should stand: texts that an entry
	// to come says were erased, or lines that were taken out.
	missing map[textAt]int64
	erased  int64
	here    [][]byte // fields of the entry that were opened
	h       []byte
}

// textAt is where a sealed text belongs.
type textAt struct {
	seq   int64
	field string
}

type sealedText struct {
	seq               int64
	field, salt, text []byte // text as it was written, with its escapes
	line              int64
}

func openSealed(f *folder) (*sealedLines, error) {
	l, err := f.lines(sealedFile)
	if err != nil {
		return nil, err
	}
	s := &sealedLines{lines: l, missing: map[textAt]int64{}}
	return s, s.advance()
}

func (s *sealedLines) advance() error {
	before := sealedText{seq: s.next.seq, field: bytes.Clone(s.next.field), line: s.next.line}
	line, ok, err := s.lines.next()
	if s.more = ok; err != nil || !ok {
		return err
	}
	c := scanner{b: line}
	n := sealedText{line: s.number}
	ok = c.need(`{"seq":`)
	if ok {
		n.seq, ok = c.number()
	}
	for _, part := range []struct {
		key  string
		into *[]byte
	}{{`,"field":`, &n.field}, {`,"salt":`, &n.salt}, {`,"text":`, &n.text}} {
		if ok = ok && c.need(part.key); ok {
			*part.into, ok = c.text()
		}
	}
	if !ok || !c.need("}") || c.i != len(line) || !isHex(n.salt, 2*sha256.Size) {
		return brokenAt(s.name, s.number, text{"不是规定的形式", "not in the form that it has to have"})
	}
	if before.line > 0 && (n.seq < before.seq || n.seq == before.seq && bytes.Compare(n.field, before.field) <= 0) {
		return brokenAt(s.name, s.number, text{"没有按条目和字段排列", "out of the order of entries and fields"})
	}
	s.next = n
	return nil
}

// compare opens the commitments of an entry.
func (s *sealedLines) compare(seq int64, list []commitment) error {
	opened := 0
	s.here = s.here[:0]
	for s.more && s.next.seq <= seq {
		found := s.next.seq == seq && s.opens(list)
		if !found {
			return brokenAt(s.name, s.next.line, textf(
				text{"与条目 %d 中的承诺值不符", "it opens no commitment of entry %d"}, s.next.seq))
		}
		opened++
		s.here = append(s.here, bytes.Clone(s.next.field))
		s.count++
		if err := s.advance(); err != nil {
			return err
		}
	}
	if opened == len(list) {
		return nil
	}
	for _, c := range list {
		if !slices.ContainsFunc(s.here, func(field []byte) bool { return bytes.Equal(field, c.field) }) {
			s.missing[textAt{seq, string(c.field)}] = s.next.line
		}
	}
	return nil
}

// erase takes the texts that an entry says were erased off those that are missing.
func (s *sealedLines) erase(seq int64, e *entry) error {
	var said struct {
		State struct {
			Texts []struct {
				Entry int64  `json:"entry"`
				Field string `json:"field"`
			} `json:"texts"`
		} `json:"state"`
	}
	if err := json.Unmarshal(e.line, &said); err != nil {
		return err // it was read before: it is canonical
	}
	for _, t := range said.State.Texts {
		at := textAt{t.Entry, t.Field}
		if _, ok := s.missing[at]; !ok {
			return brokenAt(s.name, s.next.line, textf(
				text{"条目 %d 记载依法删除了条目 %d 的 %s，这段文字却还在，或者从来没有", "entry %d says that the %[3]s of entry %[2]d was erased: it is still here, or never was"}, seq, t.Entry, t.Field))
		}
		delete(s.missing, at)
		s.erased++
	}
	return nil
}

// opens holds the next text against the commitment under its field's name.
func (s *sealedLines) opens(list []commitment) bool {
	for _, c := range list {
		if !bytes.Equal(c.field, s.next.field) {
			continue
		}
		var salt, want [sha256.Size]byte
		unhex(salt[:], s.next.salt)
		unhex(want[:], c.sum)
		s.h = append(append(append(s.h[:0], salt[:]...), c.field...), unescape(s.next.text)...)
		return sha256.Sum256(s.h) == want
	}
	return false
}

// finish wants every commitment opened, except where the book says that texts were erased.
func (s *sealedLines) finish(r *result) error {
	if s.more {
		return brokenAt(s.name, s.next.line, textf(text{"没有条目 %d", "there is no entry %d"}, s.next.seq))
	}
	first := textAt{seq: -1}
	for at := range s.missing {
		if first.seq < 0 || at.seq < first.seq || at.seq == first.seq && at.field < first.field {
			first = at
		}
	}
	if first.seq >= 0 {
		return brokenAt(s.name, s.missing[first], textf(
			text{"条目 %d 的封存文字 %s 不在此文件里，账簿也没有记载依法删除", "the sealed text %[2]s of entry %[1]d is not here, and the book knows of no erasure of it"}, first.seq, first.field))
	}
	r.texts, r.missing = s.count, s.erased
	return nil
}

// keyLines reads idempotency.jsonl beside the entries, in the order of the entries that the keys were answered with.
type keyLines struct {
	*lines
	next  keyLine
	more  bool
	count int64
	last  int64 // entry that the key before was answered with last
	line  int64 // and its line
}

type keyLine struct {
	actor       []byte
	first, last int64
}

func openKeys(f *folder) (*keyLines, error) {
	l, err := f.lines(keysFile)
	if err != nil {
		return nil, err
	}
	k := &keyLines{lines: l, last: none}
	return k, k.advance()
}

func (k *keyLines) advance() error {
	line, ok, err := k.lines.next()
	if k.more = ok; err != nil || !ok {
		return err
	}
	c := scanner{b: line}
	var n keyLine
	var key, sum []byte
	for _, part := range []struct {
		key  string
		into *[]byte
	}{{`{"actor":`, &n.actor}, {`,"key":`, &key}, {`,"body_sha256":`, &sum}} {
		if ok = ok && c.need(part.key); ok {
			*part.into, ok = c.text()
		}
	}
	for _, part := range []struct {
		key  string
		into *int64
	}{{`,"first":`, &n.first}, {`,"last":`, &n.last}} {
		if ok = ok && c.need(part.key); ok {
			*part.into, ok = c.number()
		}
	}
	if !ok || !c.need("}") || c.i != len(line) || !isHex(sum, 2*sha256.Size) || len(key) == 0 || n.last < n.first {
		return brokenAt(k.name, k.number, text{"不是规定的形式", "not in the form that it has to have"})
	}
	k.next = n
	return nil
}

// compare holds a key against the entries that it was answered with: one actor's, in one commit. begins tells that a
// commit begins with the entry.
func (k *keyLines) compare(seq int64, e *entry, begins bool) error {
	if begins && k.last >= seq {
		return brokenAt(k.name, k.line, text{"所指条目不属于同一次提交", "its entries are not of one commit"})
	}
	for k.more && k.next.first <= seq {
		if k.next.first < seq || k.next.first <= k.last {
			return brokenAt(k.name, k.number, text{"没有按条目排列，或与上一行重叠", "out of the order of entries, or over the line before"})
		}
		if !bytes.Equal(k.next.actor, e.actor) {
			return brokenAt(k.name, k.number, textf(text{"条目 %d 的操作人不是 %s", "the actor of entry %d is not %s"}, seq, k.next.actor))
		}
		k.last, k.line = k.next.last, k.number
		k.count++
		if err := k.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (k *keyLines) finish(r *result, entries int64) error {
	if k.more {
		return brokenAt(k.name, k.number, textf(text{"没有条目 %d", "there is no entry %d"}, k.next.first))
	}
	if k.last >= entries {
		return brokenAt(k.name, k.line, textf(text{"没有条目 %d", "there is no entry %d"}, k.last))
	}
	r.keys = k.count
	return nil
}

// checkCode is what people type in to find a result: the entry's number and 40 bits of its leaf hash.
func checkCode(leaf hash) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var bits uint64
	for _, b := range leaf[:5] {
		bits = bits<<8 | uint64(b)
	}
	code := make([]byte, 0, 9)
	for i := 7; i >= 0; i-- {
		if code = append(code, alphabet[bits>>(5*i)&31]); i == 4 {
			code = append(code, '-')
		}
	}
	return string(code)
}

func (h hash) hex() string { return hex.EncodeToString(h[:]) }
