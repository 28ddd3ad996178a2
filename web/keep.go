package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What is kept of a form that came without a session, so that signing in again loses nothing that was typed.
const (
	keepPrefix   = "keep."
	keepFiles    = "keep-files" // the form had a file, which no page can hold
	keepLost     = "keep-lost"  // the form was too long to be kept
	keepBytesMax = 512 << 10
	keepMost     = 2_000 // fields: a stranger's form must not fill the memory with names
)

// kept is such a form.
type kept struct {
	Path   string // where it was going, of this site
	Fields []keptField
	Files  bool // it had a file
	Lost   bool // it was too long
}

type keptField struct{ Name, Value string }

// keepForm takes the fields of a form that was posted. Passwords and codes are never kept; files are passed over.
func keepForm(r *request) *kept {
	k := &kept{Path: samePath(r.here())}
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		k.Lost = parseForm(r.Request, formBytes) != nil
		k.take(r.PostForm, "")
		return k
	}
	form := url.Values{}
	for size, seen := 0, 0; err == nil; {
		var part *multipart.Part
		if part, err = parts.NextPart(); err != nil {
			break
		}
		if seen++; seen > keepMost {
			k.Lost = true
			return k
		}
		if part.FileName() != "" {
			k.Files = true
			continue // the next part begins behind it
		}
		var value []byte
		value, err = io.ReadAll(io.LimitReader(part, keepBytesMax+1))
		if size += len(part.FormName()) + len(value); size > keepBytesMax {
			k.Lost = true
			return k
		}
		form.Add(part.FormName(), string(value))
	}
	k.Lost = !errors.Is(err, io.EOF)
	if !k.Lost {
		k.take(form, "")
	}
	return k
}

// keptAgain takes what a sign-in form carries along; nil when it carries nothing.
func keptAgain(r *request) *kept {
	k := &kept{Path: samePath(r.PostForm.Get("next")), Files: r.PostForm.Has(keepFiles)}
	k.take(r.PostForm, keepPrefix)
	k.Lost = k.Lost || r.PostForm.Has(keepLost)
	if len(k.Fields) == 0 && !k.Files && !k.Lost {
		return nil
	}
	return k
}

func (k *kept) take(form url.Values, prefix string) {
	size := 0
	if len(form) > keepMost {
		k.Lost = true
		return
	}
	for _, name := range sortedKeys(form) {
		plain, ok := strings.CutPrefix(name, prefix)
		if !ok || isSecret(plain) {
			continue
		}
		for _, value := range form[name] {
			size += len(plain) + len(value)
			k.Fields = append(k.Fields, keptField{plain, strings.ToValidUTF8(value, "\ufffd")})
		}
	}
	if size > keepBytesMax {
		k.Fields, k.Lost = nil, true
	}
}

func isSecret(name string) bool {
	return slices.Contains([]string{"password", "password_again", "old_password", "code", "secret", "uri"}, name)
}

// Named is a field's name in the sign-in form.
func (f keptField) Named() string { return keepPrefix + f.Name }

// showKept answers a form that came without a session: 401 and the sign-in form, which carries what was typed.
func (s *Server) showKept(w http.ResponseWriter, r *request, err error) {
	s.record(r, err)
	p := s.newSignInPage(r)
	p.Kept, p.Login = keepForm(r), ""
	p.Next = p.Kept.Path
	p.Fail("page", sentenceOf(r.lang, err))
	w.Header().Set("WWW-Authenticate", `Cookie realm="mingzhang"`)
	s.show(w, r, http.StatusUnauthorized, "signin.html", p)
}

// resendPage offers a kept form to be sent again, now that somebody is signed in.
type resendPage struct {
	Frame
	Kept *kept
}

func (s *Server) showResend(w http.ResponseWriter, r *request, k *kept) {
	title := r.say("已登录，请再次提交", "Signed in; please send the form again")
	s.show(w, r, http.StatusOK, "signin-resend.html", resendPage{Frame: s.frame(r, title), Kept: k})
}
