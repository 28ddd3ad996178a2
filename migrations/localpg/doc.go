// Package localpg runs the private PostgreSQL: the cluster that the program
// keeps for itself in its data directory when nobody names another database.
//
// Every command that needs the database calls Start and is from then on a user
// of the cluster. The first user starts a keeper (the hidden command
// "mingzhang keep DIR", function Keep), which lives in a session of its own and
// is the parent of postgres; later users join. When the last user is gone, by
// Close or by any kind of death, the keeper stops postgres and ends.
//
// Three flocks in DIR/postgres carry this, because the kernel frees a flock
// however its holder dies:
//
//   - users.lock: each user holds it shared. The keeper waits for it
//     exclusively; getting it means that nobody is left, and holding it until
//     postgres has gone makes a newcomer wait instead of joining a dying cluster.
//   - start.lock: held by the one user who looks whether a keeper is there and
//     starts one otherwise.
//   - keeper.lock: held by the keeper for its life, so that there is never a
//     second one; the file says in JSON where the ready server listens.
//
// Promises, each with the test that holds it:
//
//   - the cluster never goes away under a user and never stays behind
//     (TestDrill, TestLastOneOutStops);
//   - a killed user, keeper or postmaster needs no person
//     (TestKilledUser, TestKilledKeeper, TestKilledPostmaster, TestKilledBoth,
//     TestZombiePostmaster, TestStalePidFile);
//   - a first start that was cut, or met a full disk, leaves nothing that
//     hinders the next (TestKilledInitdb, TestFullDisk);
//   - postgres never runs as root, listens on a unix socket in a 0700
//     directory only, and knows no password (TestPrivate);
//   - data of another major version is opened with its own binaries or refused,
//     never touched (TestOtherMajor).
package localpg
