// Package pgconn opens connection pools to PostgreSQL: the one place where the
// driver's settings, the session's limits and the rules for TLS are chosen.
//
// Promises, each with the test that holds it:
//
//   - a query never hangs: statements end after 60 s, idle transactions after
//     10 s, and the server notices within a second that a client has gone
//     (TestSessionLimits);
//   - over TCP the server's certificate and name are verified, or the URL is
//     refused; plain text is for this machine only (TestParseURL, TestTLS);
//   - a pool on the private cluster outlives a killed server (TestReach, and
//     TestNewDurable of dbtest);
//   - what a person can mend (no server, wrong password, no such database, too
//     old a server) is told apart, and no message holds a password
//     (TestConnectErrors, TestCheckServer).
package pgconn
