package account

import (
	"context"
	"fmt"

	"mingzhang/ledger"
)

// Erase deletes what the installation's log keeps of the person of a disabled account: the name, the addresses that
// signed in came from, what was typed as a login. The login and the number stay: they stand in entries. Asked again it
// does nothing. conflict account.erase_active, invalid erasure.reason_missing.
func (s *Service) Erase(ctx context.Context, by ledger.Actor, login, reason string) (ledger.Erased, error) {
	a, err := s.ByLogin(ctx, login)
	if err != nil {
		return ledger.Erased{}, err
	}
	if !a.Disabled {
		return ledger.Erased{}, ledger.E(ledger.Conflict, "account.erase_active", a.Login).On("login")
	}
	log, err := s.store.Log(ctx)
	if err != nil {
		return ledger.Erased{}, err
	}
	texts, err := s.textsOf(ctx, a.ID)
	if err != nil {
		return ledger.Erased{}, err
	}
	erased, err := log.Erase(ctx, by, ledger.Erasing{What: ledger.ErasedAccount, Texts: texts, Reason: reason})
	if err != nil {
		return erased, err
	}
	for _, table := range []string{"work_sessions", "work_tokens", "work_recovery", "work_credentials", "work_events"} {
		if _, err := s.db.ExecContext(ctx, "DELETE FROM "+table+" WHERE account = ?", a.ID); err != nil {
			return erased, fmt.Errorf("account: erasing what is kept of an account: %w", err)
		}
	}
	return erased, s.forgive(ctx, subjectOf(a.Login))
}

// textsOf are the sealed texts that tell of an account's person. An entry is canonical JSON, so a key with its value is
// found by its bytes.
func (s *Service) textsOf(ctx context.Context, id int64) (texts []ledger.TextAt, err error) {
	n := numeral(id)
	err = s.db.NewRaw("SELECT t.seq, t.field FROM entries AS e CROSS JOIN LATERAL "+
		"(SELECT seq, field FROM sealed WHERE book_id = ?0 AND seq = e.seq OFFSET 0) AS t WHERE e.book_id = ?0 AND "+
		"(t.field = 'name' AND position(?1 IN e.body) > 0 AND position(?2 IN e.body) > 0 OR t.field IN ('address', 'login') AND "+
		"position(?3 IN e.body) > 0 AND (position(?4 IN e.body) > 0 OR position(?5 IN e.body) > 0)) ORDER BY t.seq, t.field",
		logID, []byte(`,"kind":"account.`), []byte(`,"record":`+n+`,`), []byte(`,"kind":"`+eventPrefix),
		[]byte(`"state":{"account":`+n+`,`), []byte(`"actor":"`+ledger.AccountActor(id).String()+`",`)).Scan(ctx, &texts)
	if err != nil {
		return nil, fmt.Errorf("account: looking for the texts of an account: %w", err)
	}
	return texts, nil
}
