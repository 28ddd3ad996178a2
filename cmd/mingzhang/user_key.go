package main

import "mingzhang/ledger/account"

// accounts is the service of accounts over the session's books.
func (s *session) accounts(o *options) (*account.Service, error) {
	secrets, err := o.secrets()
	if err != nil {
		return nil, err
	}
	return account.New(s.store, o.p.now, account.Options{Secrets: secrets}), nil
}
