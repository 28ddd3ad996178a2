package account

import "time"

// Cheapen makes hashes that cost nearly nothing, for tests that are not about hashing.
func (s *Service) Cheapen() { s.cost = parameters{memory: 64, passes: 1, threads: 1} }

// Usual makes hashes that cost what they should.
func (s *Service) Usual() { s.cost = usual() }

// CodeAt is the code of an authenticator app at a moment.
func CodeAt(secret []byte, at time.Time) string { return totpAt(secret, at.Unix()/totpStep) }

// FindCode is how a code is looked for.
func FindCode(secret []byte, now time.Time, code string) bool {
	_, ok := totpFind(secret, now, code)
	return ok
}

// NewPassword is the rule of passwords.
func NewPassword(password, login, name string) (string, error) {
	return newPassword(password, login, name)
}

// LoginKey is how logins are compared.
func LoginKey(s string) string { return loginKey(s) }

// Occupy takes all places where passwords are hashed, until free is called.
func (s *Service) Occupy() (free func()) {
	for range hashesAtOnce {
		s.hashing <- struct{}{}
	}
	return func() {
		for range hashesAtOnce {
			<-s.hashing
		}
	}
}

// SubjectOf names a login in the table of failures.
func SubjectOf(login string) string { return subjectOf(login) }
