// Package dbtest gives each test a PostgreSQL database of its own, migrated and
// empty. Only tests import it.
//
// All packages of a "go test ./..." share one private cluster (package
// localpg), in memory where /dev/shm has room, without fsync. The first test
// that asks starts it; a few seconds after the last test process has ended, in
// whatever way, it stops and its data is removed. A database is a copy of a
// template that is migrated once and named by the hash of the migrations.
//
// The cluster's keeper is the test binary itself, run again with a word that
// this package's init recognises. So a package that uses dbtest needs no
// TestMain and nothing can be forgotten; cmd/mingzhang is neither built nor
// needed.
//
// Without PostgreSQL a test fails, with the one line that mends it; it is never
// skipped.
//
// Promises: two tests never see each other's rows, and each role has its own
// rights (TestNew_Apart, TestNew_Roles); databases of killed runs are dropped
// (TestNew_SweepsUp); NewDurable survives the loss of the server
// (TestNewDurable).
package dbtest
