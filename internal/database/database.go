// Package database keeps a station's database on two media through power cuts:
// what a transaction reported as committed is on both after the next start, and
// what it did not report is on neither, as specified in
// docs/spec/station-database.md, Section 1.
//
// It is SQLite, and knows nothing of ballots or voters.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"github.com/openreferendum/referendum/internal/durable"
)

// A DB is one station's database on two media: every transaction is on both
// before it is reported, or on neither, as specified in
// docs/spec/station-database.md, Section 1. It may be used by several
// goroutines, whose transactions wait for each other, and by one program.
type DB struct {
	mu     sync.Mutex
	db     *sql.DB
	conn   *sql.Conn
	media  []medium
	alone  bool  // of OpenAlone: not to be written
	broken error // of a commit whose outcome only the next Open decides
}

// Create makes both files, which must not exist, and opens them.
func Create(c Config) (*DB, error) {
	d, err := create(c)
	if err != nil {
		return nil, fmt.Errorf("creating the station's database: %w", err)
	}
	return d, nil
}

func create(c Config) (*DB, error) {
	media, err := c.media()
	if err != nil {
		return nil, err
	}
	for i, m := range media {
		if err := createEmpty(m.path); err != nil {
			return nil, errors.Join(err, remove(media[:i]))
		}
	}
	d, err := connect(media)
	if err != nil {
		return nil, errors.Join(err, remove(media))
	}
	if err := errors.Join(d.seize(), d.stamp(), d.compare()); err != nil {
		return nil, errors.Join(err, d.Close(), remove(media))
	}
	return d, nil
}

// createEmpty makes a new file, which must have no journal of an older one
// beside it.
func createEmpty(path string) error {
	if err := absent(journal(path)); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close(), durable.SyncFolder(filepath.Dir(path))); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// remove takes back what a Create has made before it failed.
func remove(media []medium) error {
	var errs []error
	for _, m := range media {
		errs = append(errs, os.Remove(m.path))
		if err := os.Remove(journal(m.path)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func absent(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return nil
}

// Open opens both files, lets SQLite undo what a power cut left half done, and
// compares them row by row. It refuses files that are missing, damaged, set up
// otherwise, or different from each other, and repairs nothing: see Recreate.
func Open(c Config) (*DB, error) {
	d, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("opening the station's database: %w", err)
	}
	return d, nil
}

func open(c Config) (*DB, error) {
	media, err := c.media()
	if err != nil {
		return nil, err
	}
	d, err := connect(media)
	if err != nil {
		return nil, err
	}
	if err := d.seize(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.check(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.emptyJournals(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// seize locks both files until Close, so that no second program opens them.
// SQLite keeps in this mode what it has locked once.
func (d *DB) seize() error {
	if err := d.exec("BEGIN EXCLUSIVE"); err != nil {
		return fmt.Errorf("locking: %w", err)
	}
	return d.exec("COMMIT")
}

// check refuses what no station of ours has written, and copies that differ.
func (d *DB) check() error {
	for _, m := range d.media {
		if err := d.recognise(m); err != nil {
			return err
		}
		if err := d.expect(m, "integrity_check", "ok"); err != nil {
			return err
		}
	}
	return d.compare()
}

// connect opens the given files under their names, with our settings.
func connect(media []medium) (*DB, error) {
	if err := inspect(media); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", fileURI(media[0].path)+"&_txlock=immediate&_foreign_keys=on&_busy_timeout=0")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d := &DB{db: db, conn: conn, media: media}
	if err := d.prepare(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// prepare attaches the mirror. Main comes first: what a power cut left half
// done is undone on main as long as main's folder holds the super-journal,
// which SQLite deletes only when no copy needs it any more.
func (d *DB) prepare() error {
	for _, m := range d.media[1:] {
		if err := d.exec("ATTACH DATABASE ? AS "+m.name, fileURI(m.path)); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return d.configure()
}

func (d *DB) exec(query string, args ...any) error {
	_, err := d.conn.ExecContext(context.Background(), query, args...)
	return err
}

// Close closes both files.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return errors.Join(d.conn.Close(), d.db.Close())
}
