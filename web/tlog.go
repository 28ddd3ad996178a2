package web

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/merkle"
)

// logRoutes let other people's programs read a book's log: C2SP tlog-tiles below /log/{book}. Checkpoint, key and
// hashes are for everybody once disclosure is on; the entries themselves never are.
func logRoutes() []route {
	return []route{
		{method: "GET", pattern: "/log/{book}/checkpoint", needs: public, page: (*Server).sendCheckpoint},
		{method: "GET", pattern: "/log/{book}/key", needs: public, page: (*Server).sendVerifierKeys},
		{method: "GET", pattern: "/log/{book}/tile/{level}/{path...}", needs: public, page: (*Server).sendTile},
		{method: "GET", pattern: "/log/{book}/tile/entries/{path...}", needs: account.ExportBook, page: (*Server).sendBundle},
	}
}

// disclosed is the book of the address for whoever may read its log, with what it says of itself: anybody where
// disclosure is on (open), else who may read the book. Others are told that there is no such book.
func (s *Server) disclosed(r *request) (book *ledger.Book, profile ledger.BookProfile, open bool, err error) {
	none := ledger.E(ledger.NotFound, "log.unknown", r.PathValue("book")).On("book")
	book, err = s.store.Book(r.Context(), r.PathValue("book"))
	if ledger.CodeOf(err) == ledger.NotFound {
		return nil, profile, false, none.Because(err)
	}
	if err != nil {
		return nil, profile, false, err
	}
	if profile, err = book.Profile(r.Context()); err != nil {
		return nil, profile, false, err
	}
	if profile.Public {
		return book, profile, true, nil
	}
	if r.who == nil || r.who.Must() != account.MustNothing {
		return nil, profile, false, none
	}
	if _, err := r.who.Scope(r.Context(), book, account.ReadBook); err != nil {
		return nil, profile, false, none.Because(err)
	}
	return book, profile, false, nil
}

// publishedNote is the checkpoint that strangers get: all that the log and the public check show of the newest one
// comes from here.
func publishedNote(ctx context.Context, book *ledger.Book) (string, error) {
	newest, err := book.Publish(ctx, 0)
	if err != nil {
		return "", err
	}
	return book.Cosigned(ctx, newest.Size)
}

func (s *Server) sendCheckpoint(w http.ResponseWriter, r *request) {
	book, _, _, err := s.disclosed(r)
	if err != nil {
		s.problem(w, r, err)
		return
	}
	note, err := publishedNote(r.Context(), book)
	if err != nil {
		s.problem(w, r, err)
		return
	}
	sendText(w, r, note)
}

// sendVerifierKeys sends the keys that sign now, a line each, as a signed note's verifier takes them.
func (s *Server) sendVerifierKeys(w http.ResponseWriter, r *request) {
	_, profile, _, err := s.disclosed(r)
	if err != nil {
		s.problem(w, r, err)
		return
	}
	sendText(w, r, strings.Join(profile.Keys(), "\n")+"\n")
}

func sendText(w http.ResponseWriter, r *request, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	send(w, r.Request, http.StatusOK, []byte(text))
}

// sendTile sends the hashes of a tile, one after the other.
func (s *Server) sendTile(w http.ResponseWriter, r *request) {
	book, _, open, err := s.disclosed(r)
	if err != nil {
		s.problem(w, r, err)
		return
	}
	level, levelErr := tileNumber(r.PathValue("level"))
	index, width, pathErr := tilePath(r.PathValue("path"))
	if levelErr != nil || pathErr != nil || level > merkle.TileLevelMax {
		s.problem(w, r, ledger.E(ledger.NotFound, "tile.unknown"))
		return
	}
	hashes, err := book.Tile(r.Context(), int(level), index, width)
	if err != nil {
		s.problem(w, r, err)
		return
	}
	keepFull(w, width, open)
	_, _ = w.Write(merkle.Tile{Hashes: hashes}.Bytes()) // hashes are not worth compressing; a reader that has gone is no error of ours
}

// sendBundle sends the entries under a tile. Who takes them away is noted, as with every export.
func (s *Server) sendBundle(w http.ResponseWriter, r *request) {
	err := wholeBook(r)
	if err == nil {
		err = r.note(r.Context(), "exported", "entries")
	}
	var bundle []byte
	var width int
	if err == nil {
		var index int64
		if index, width, err = tilePath(r.PathValue("path")); err == nil {
			bundle, err = r.book.Bundle(r.Context(), index, width)
		}
	}
	if err != nil {
		s.problem(w, r, err)
		return
	}
	keepFull(w, width, false)
	send(w, r.Request, http.StatusOK, bundle)
}

// keepFull lets a full tile be kept for ever: by every cache, or, where only some may read it, by theirs.
func keepFull(w http.ResponseWriter, width int, open bool) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	switch {
	case width < merkle.TileWidth:
	case open:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Del("Vary")
	default:
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
}

// tileIndex is <N>[.p/<W>] of C2SP tlog-tiles: groups of three digits, x before all but the last. Six groups are more
// than any book has entries.
var tileIndex = regexp.MustCompile(`^((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?$`)

// tilePath reads the index of a tile and its width. One index has one form: x000/ is never first.
func tilePath(path string) (index int64, width int, err error) {
	unknown := ledger.E(ledger.NotFound, "tile.unknown")
	m := tileIndex.FindStringSubmatch(path)
	if m == nil || strings.HasPrefix(m[1], "x000/") {
		return 0, 0, unknown
	}
	if index, err = strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(m[1])+m[2], 10, 64); err != nil {
		return 0, 0, unknown.Because(err)
	}
	if m[3] == "" {
		return index, merkle.TileWidth, nil
	}
	if width, err = strconv.Atoi(m[3]); err != nil || width >= merkle.TileWidth {
		return 0, 0, unknown.Because(err)
	}
	return index, width, nil
}

// tileNumber reads a level: decimal without leading zeros.
func tileNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, ledger.E(ledger.NotFound, "tile.unknown").Because(err)
	}
	return n, nil
}
