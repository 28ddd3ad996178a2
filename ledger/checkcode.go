package ledger

import (
	"encoding/base32"
	"strconv"
	"strings"

	"mingzhang/ledger/merkle"
)

// CheckCode names an entry in a form that people can type: its number and the first 40 bits of its leaf hash, so
// that a slip of the pen names nothing: 291-7Z3K-0M8Q.
type CheckCode struct {
	Seq    int64
	Prefix [prefixBytes]byte
}

// prefixBytes of a leaf hash are eight characters of five bits.
const prefixBytes = 5

// checkCodeMax is more than a check code can be long, however it is typed.
const checkCodeMax = 64

// crockford is base 32 without letters that look like digits or like each other.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// CheckCode is that of the entry.
func (e LogEntry) CheckCode() CheckCode { return CheckCodeOf(e.Seq, e.LeafHash) }

// CheckCodeOf is the check code of an entry by its number and leaf hash.
func CheckCodeOf(seq int64, leaf merkle.Hash) CheckCode {
	return CheckCode{Seq: seq, Prefix: [prefixBytes]byte(leaf[:prefixBytes])}
}

// String is the code as it is printed.
func (c CheckCode) String() string {
	letters := crockford.EncodeToString(c.Prefix[:])
	return strconv.FormatInt(c.Seq, 10) + "-" + letters[:len(letters)/2] + "-" + letters[len(letters)/2:]
}

// ParseCheckCode reads a code as people type it: in either case, in full width, with blanks, O for 0, I and L for 1, and
// with the second hyphen or without. invalid check_code.form.
func ParseCheckCode(text string) (CheckCode, error) {
	wrong := E(Invalid, "check_code.form").On("code")
	if len(text) > checkCodeMax {
		return CheckCode{}, wrong
	}
	number, letters, _ := strings.Cut(strings.ToUpper(Fold(text)), "-")
	number = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(number)
	letters = strings.NewReplacer("-", "", "O", "0", "I", "1", "L", "1").Replace(letters)
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 0 || strconv.FormatInt(seq, 10) != number {
		return CheckCode{}, wrong
	}
	prefix, err := crockford.DecodeString(letters)
	if err != nil || len(prefix) != prefixBytes || crockford.EncodeToString(prefix) != letters {
		return CheckCode{}, wrong
	}
	return CheckCode{Seq: seq, Prefix: [prefixBytes]byte(prefix)}, nil
}
