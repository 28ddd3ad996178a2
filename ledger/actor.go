package ledger

import (
	"strconv"
	"strings"
)

// Actor is who does something: a named user of the machine on the command line, else an account.
type Actor struct{ name string }

const (
	localPrefix   = "local:"
	accountPrefix = "account:"
)

// LocalActor is a user of the machine that the program runs on.
func LocalActor(user string) (Actor, error) {
	if user == "" || Clean(user) != nil || len(user) > 100 {
		return Actor{}, E(Invalid, "actor.unnamed")
	}
	return Actor{localPrefix + user}, nil
}

// AccountActor is an account of the installation, by its number: an entry names no person.
func AccountActor(id int64) Actor { return Actor{accountPrefix + strconv.FormatInt(id, 10)} }

// String names the actor.
func (a Actor) String() string { return a.name }

// Account is the number of the account; ok is false for a local user.
func (a Actor) Account() (id int64, ok bool) {
	number, ok := strings.CutPrefix(a.name, accountPrefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(number, 10, 64)
	return id, err == nil
}
