// Package dbtest gives a test its own migrated PostgreSQL database.
//
// Each test process runs one private cluster (see package devpg) in a temporary
// directory, migrates a template once, and copies it for every call of [New] or
// [URL]. A package that uses it hands its tests to [Main], which stops the
// cluster:
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// A test process that is killed leaves nothing behind either: a watchdog holding
// the other end of a pipe stops the cluster and removes its files.
//
// The cluster lies in memory where the system has room for it and TMPDIR is not
// set, and trades durability for speed: never take figures for speed from it.
//
// FOYER_TEST_DURABLE=1 puts the cluster on the disk with the settings of a real
// one, for benchmarks.
//
// FOYER_TEST_PG_BINDIR selects the binaries, so that the same tests run on every
// supported version. FOYER_TEST_DATABASE_URL names a server to use instead; its
// role needs the right to create databases.
package dbtest
