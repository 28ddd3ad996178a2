// Package account is who may do what: people, their roles in books and villages, how they sign in, and their sessions
// and tokens. Accounts and rights are entries of the installation's own log, with derived tables that check covers;
// passwords, sessions, tokens and counts of failures are working state, whose loss changes no report.
//
// What it promises, each with the test that holds it:
//
//   - A role can do what its table says and nothing else; an administrator sees no business data, an auditor never
//     approves, and roles that must not meet in one person do not (role_test.go, rights_test.go).
//   - A changed right acts at the next request; nobody changes their own; the last administrator stays
//     (rights_test.go).
//   - Guessing is slowed per account, whatever addresses it comes from and whether the account exists, and never
//     locks for good (guess_test.go).
//   - A password is stored as argon2id and never cut; a TOTP code, a recovery code and a one-time code each work
//     once, also when two try at the same moment (password_test.go, totp_test.go, race_test.go).
//   - Of a session or token only a hash is stored; both end by themselves, and can be listed and ended
//     (session_test.go, token_test.go).
//   - A demo account has no password and sees demo books only (demo_test.go).
//   - Sign-ins, refusals and exports are in the log, repeats as one entry a minute with a count (event_test.go).
package account
