package account

import (
	"context"
	"crypto/subtle"
	_ "embed" // the list of common passwords
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"mingzhang/ledger"
)

// How long a password may be, in characters. No rule asks for kinds of characters: it makes people write passwords down.
const (
	passwordLeast = 8
	passwordMost  = 128
)

// parameters of argon2id. 19 MiB and two passes are as strong as 64 MiB and one, by the same tables, and take 50 ms
// instead of 139 on the machines of an office: with two at once, 200 people who sign in at eight o'clock wait 5 s, and
// hashing never takes more than 38 MiB.
type parameters struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

func usual() parameters { return parameters{memory: 19 * 1024, passes: 2, threads: 1} }

const (
	saltLength = 16
	keyLength  = 32
	memoryMost = 1 << 20 // KiB; a hash that wants more was not written by this program
)

// encode writes a hash as the usual string, which holds its parameters.
func (p parameters) encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads, b64(salt), b64(key))
}

var hashForm = regexp.MustCompile(`^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$`)

// decodeHash reads a stored hash.
func decodeHash(s string) (p parameters, salt, key []byte, err error) {
	m := hashForm.FindStringSubmatch(s)
	if m == nil {
		return p, nil, nil, fmt.Errorf("account: a stored hash cannot be read")
	}
	var n [3]uint64
	for i := range n {
		if n[i], err = strconv.ParseUint(m[i+1], 10, 32); err != nil || n[i] == 0 {
			return p, nil, nil, fmt.Errorf("account: a stored hash cannot be read")
		}
	}
	if n[0] > memoryMost {
		return p, nil, nil, fmt.Errorf("account: a stored hash wants %d KiB", n[0])
	}
	p = parameters{memory: uint32(n[0]), passes: uint32(n[1]), threads: uint8(n[2])} //nolint:gosec // the form allows two digits
	if salt, err = base64.RawStdEncoding.DecodeString(m[4]); err == nil {
		key, err = base64.RawStdEncoding.DecodeString(m[5])
	}
	return p, salt, key, err
}

// turn waits for one of the places where passwords are hashed; an address with very many failures has at most one of
// them. busy sign_in.busy after a while.
func (s *Service) turn(ctx context.Context, crowded bool) (done func(), err error) {
	wait := time.NewTimer(s.o.HashWait)
	defer wait.Stop()
	var places []chan struct{}
	if crowded {
		places = append(places, s.crowded)
	}
	places = append(places, s.hashing)
	var held []chan struct{}
	done = func() {
		for _, place := range held {
			<-place
		}
	}
	for _, place := range places {
		select {
		case place <- struct{}{}:
			held = append(held, place)
		case <-wait.C:
			done()
			return nil, ledger.E(ledger.Busy, "sign_in.busy")
		case <-ctx.Done():
			done()
			return nil, ledger.E(ledger.Busy, "sign_in.busy").Because(ctx.Err())
		}
	}
	return done, nil
}

// hash makes what is stored of a password.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	salt, err := s.random(saltLength)
	if err != nil {
		return "", err
	}
	done, err := s.turn(ctx, false)
	if err != nil {
		return "", err
	}
	defer done()
	p := s.cost
	return p.encode(salt, argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.threads, keyLength)), nil
}

// verify holds a password against a stored hash. Without one (no such account, no password yet, closed) it takes as
// long, so that the time tells nothing. stale says that the hash should be made anew with the parameters of today.
func (s *Service) verify(ctx context.Context, stored, password string, crowded bool) (good, stale bool, err error) {
	p, salt, key := s.cost, make([]byte, saltLength), make([]byte, keyLength)
	if stored != "" {
		if p, salt, key, err = decodeHash(stored); err != nil {
			return false, false, err
		}
	}
	done, err := s.turn(ctx, crowded)
	if err != nil {
		return false, false, err
	}
	defer done()
	got := argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.passes, p.memory, p.threads, keyLength)
	good = subtle.ConstantTimeCompare(got, key) == 1 && stored != ""
	return good, p != s.cost, nil
}

// newPassword brings a new password to the form that is hashed, and refuses what is guessed first. login and name are
// the person's own.
func newPassword(password, login, name string) (string, error) {
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return "", ledger.E(ledger.Invalid, "password.bad_character").On("password")
	}
	password = norm.NFC.String(password)
	switch n := utf8.RuneCountInString(password); {
	case n < passwordLeast:
		return "", ledger.E(ledger.Invalid, "password.too_short", n, passwordLeast).On("password")
	case n > passwordMost:
		return "", ledger.E(ledger.Invalid, "password.too_long", n, passwordMost).On("password")
	}
	if holdsName(password, login) || holdsName(password, name) {
		return "", ledger.E(ledger.Invalid, "password.has_name").On("password")
	}
	if isCommon(password) {
		return "", ledger.E(ledger.Invalid, "password.common").On("password")
	}
	return password, nil
}

// holdsName tells whether a name is in the password. Short Latin names are in too many words.
func holdsName(password, name string) bool {
	name = loginKey(name)
	least := 3
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		least = 2
	}
	return utf8.RuneCountInString(name) >= least && strings.Contains(loginKey(password), name)
}

//go:embed common.txt
var commonWords string

// isCommon tells whether a password is among those that are tried first: a word of the list, also with digits and signs
// around it, the same few characters again and again, a row of digits, letters or keys, or a date.
func isCommon(password string) bool {
	p := loginKey(password)
	edge := func(r rune) bool { return unicode.IsDigit(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) }
	core := strings.TrimFunc(p, edge)
	if utf8.RuneCountInString(p)-utf8.RuneCountInString(core) > tailMost {
		core = p
	}
	for word := range strings.FieldsSeq(commonWords) {
		if p == word || core == word {
			return true
		}
	}
	return repeats(p) || inRow(p) || dateForm.MatchString(p)
}

// tailMost are so many digits and signs around a word that it is no longer a common password.
const tailMost = 6

// dateForm is a birthday, the most common password of all after rows of digits.
var dateForm = regexp.MustCompile(`^(19|20)[0-9]{2}[-./年]?(0?[1-9]|1[0-2])[-./月]?(0?[1-9]|[12][0-9]|3[01])日?$`)

// repeats holds for one to four characters again and again.
func repeats(p string) bool {
	r := []rune(p)
	for width := 1; width <= 4 && width < len(r); width++ {
		same := true
		for i := width; i < len(r) && same; i++ {
			same = r[i] == r[i-width]
		}
		if same {
			return true
		}
	}
	return false
}

// inRow holds for a stretch of a keyboard, of the digits or of the alphabet, in either direction.
func inRow(p string) bool {
	for _, row := range []string{
		"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,", "qazwsxedcrfvtgbyhnujmikolp", "!@#$%^&*()", "1q2w3e4r5t6y7u8i9o0p", "qwertyuiopasdfghjklzxcvbnm",
		"13579246801357924680", "147258369", "159357", "789456123",
	} {
		if strings.Contains(row, p) || strings.Contains(reversed(row), p) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
