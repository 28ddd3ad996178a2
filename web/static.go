package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// zipFrom is the size from which an answer is compressed: below it nothing is won.
const zipFrom = 2 << 10

// staticFile is a file as it is sent. It is made once, at start.
type staticFile struct {
	body, zipped []byte // zipped: nil where it is not shorter
	kind, tag    string
}

// readStatic reads all static files.
func readStatic(files fs.FS) (map[string]*staticFile, error) {
	all := map[string]*staticFile{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		f := &staticFile{body: body, kind: mime.TypeByExtension(path.Ext(name)), tag: tagOf(body)}
		switch path.Ext(name) { // what the machine's own table may not know
		case ".css":
			f.kind = "text/css; charset=utf-8"
		case ".js":
			f.kind = "text/javascript; charset=utf-8"
		case ".svg":
			f.kind = "image/svg+xml"
		case "", ".md", ".txt":
			f.kind = "text/plain; charset=utf-8"
		}
		if len(body) >= zipFrom {
			if z := zip(body, gzip.BestCompression); len(z) < len(body) {
				f.zipped = z
			}
		}
		all[name] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web: reading the static files: %w", err)
	}
	return all, nil
}

// zip compresses; a buffer takes everything, so nothing can fail.
func zip(body []byte, level int) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return body
	}
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

// asset is the address of a static file. It changes with the file, so that a browser may keep the old one.
func (s *Server) asset(name string) (string, error) {
	if f, ok := s.files[name]; ok {
		return "/static/" + name + "?v=" + f.tag, nil
	}
	body, err := fs.ReadFile(s.static, name)
	if err != nil {
		return "", fmt.Errorf("web: there is no static file %s: %w", name, err)
	}
	return "/static/" + name + "?v=" + tagOf(body), nil
}

func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:4])
}

// serveStatic serves the files, and no list of them. An address with the hash of its content never changes.
func (s *Server) serveStatic(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[strings.TrimPrefix(r.URL.Path, "/static/")]
	if !ok {
		s.refuseRoute(w, r, &silentWriter{header: http.Header{}, status: http.StatusNotFound})
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=3600")
	if r.URL.Query().Get("v") == f.tag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", f.kind)
	body := f.body
	h.Set("ETag", `"`+f.tag+`"`)
	if f.zipped != nil && takesGzip(r) {
		body = f.zipped
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", `"`+f.tag+`-gzip"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip holds when a client says that it can read compressed answers.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		q = strings.ReplaceAll(q, " ", "")
		if strings.EqualFold(name, "gzip") && q != "q=0" && q != "q=0.0" {
			return true
		}
	}
	return false
}

// zippers are kept, because each holds some hundred kilobytes.
var zippers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one
	}
	return w
}}

// send answers with a page, compressed where that is shorter and the client can read it. Pages hold no secret
// beside what a stranger could make them say: sessions are in cookies only.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(body) >= zipFrom && takesGzip(r) {
		z := zippers.Get().(*gzip.Writer)
		defer zippers.Put(z)
		var b bytes.Buffer
		z.Reset(&b)
		_, _ = z.Write(body)
		_ = z.Close()
		body = b.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that has gone is no error of ours
}
