package durable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// A DB is one station's database on two media: every transaction is on both
// before it is reported, or on neither (docs/adr/0009-two-media.md). It is used
// by one goroutine at a time.
type DB struct {
	db   *sql.DB
	conn *sql.Conn
}

// Config says where the two copies are. Both fields are required.
type Config struct {
	Main   string // path of the file on the machine's own disk
	Mirror string // path of the file on the second medium
}

// media are the schema names of the two copies.
var media = []string{"main", "mirror"}

// settings hold on both media; docs/adr/0007-sqlite-settings.md argues each.
var settings = []struct{ pragma, set, want string }{
	{"journal_mode", "TRUNCATE", "truncate"},
	{"synchronous", "EXTRA", "3"},
	{"secure_delete", "ON", "1"},
}

// ErrDiffer is returned by Open when the two copies do not hold the same. The
// station stops: a person has to find out which medium was changed.
var ErrDiffer = errors.New("the database and its copy on the second medium differ")

// Create makes both files, which must not exist, and opens them.
func Create(c Config) (*DB, error) {
	for _, path := range []string{c.Main, c.Mirror} {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("creating the station's database: %w", err)
		}
		if err := errors.Join(f.Sync(), f.Close(), syncDir(filepath.Dir(path))); err != nil {
			return nil, fmt.Errorf("creating the station's database: %w", err)
		}
	}
	return Open(c)
}

// Open opens both files, lets SQLite undo what a power cut left half done, and
// compares them. It refuses files that are missing, damaged, set up otherwise,
// or different from each other.
func Open(c Config) (*DB, error) {
	d, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("opening the station's database: %w", err)
	}
	return d, nil
}

func open(c Config) (*DB, error) {
	for _, path := range []string{c.Main, c.Mirror} {
		if info, err := os.Stat(path); err != nil {
			return nil, err
		} else if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a file", path)
		}
	}
	db, err := sql.Open("sqlite3", fileURI(c.Main)+"&_txlock=immediate&_foreign_keys=on&_busy_timeout=0")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d := &DB{db, conn}
	if err := d.prepare(c.Mirror); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func fileURI(path string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?mode=rw"
}

func (d *DB) prepare(mirror string) error {
	if err := d.exec("ATTACH DATABASE ? AS mirror", fileURI(mirror)); err != nil {
		return err
	}
	if err := d.exec("PRAGMA temp_store = MEMORY"); err != nil {
		return err
	}
	for _, m := range media {
		for _, s := range settings {
			if err := d.apply(m, s.pragma, s.set, s.want); err != nil {
				return err
			}
		}
		if err := d.expect(m, "integrity_check", "ok"); err != nil {
			return err
		}
	}
	return d.compare()
}

func (d *DB) exec(query string, args ...any) error {
	_, err := d.conn.ExecContext(context.Background(), query, args...)
	return err
}

// apply sets a pragma and reads it back: SQLite ignores what it cannot do.
func (d *DB) apply(medium, pragma, set, want string) error {
	rows, err := d.conn.QueryContext(context.Background(), fmt.Sprintf("PRAGMA %s.%s = %s", medium, pragma, set))
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return err
	}
	return d.expect(medium, pragma, want)
}

func (d *DB) expect(medium, pragma, want string) error {
	var got string
	row := d.conn.QueryRowContext(context.Background(), fmt.Sprintf("PRAGMA %s.%s", medium, pragma))
	if err := row.Scan(&got); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s: %s is %q instead of %q", medium, pragma, got, want)
	}
	return nil
}

// compare reads every row of every table on both media.
func (d *DB) compare() error {
	tables, err := d.tables()
	if err != nil {
		return err
	}
	for _, t := range append(tables, "sqlite_schema") {
		columns := "*"
		if t == "sqlite_schema" {
			columns = "type, name, tbl_name, sql"
		}
		for _, pair := range [][2]string{{"main", "mirror"}, {"mirror", "main"}} {
			var n int
			query := fmt.Sprintf(`SELECT count(*) FROM (SELECT %[4]s FROM %[1]s.%[3]s EXCEPT SELECT %[4]s FROM %[2]s.%[3]s)`, pair[0], pair[1], t, columns)
			if err := d.conn.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
				return fmt.Errorf("%w: %v", ErrDiffer, err)
			}
			if n != 0 {
				return fmt.Errorf("%w: table %s", ErrDiffer, t)
			}
		}
	}
	return nil
}

func (d *DB) tables() ([]string, error) {
	rows, err := d.conn.QueryContext(context.Background(), "SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Close closes both files.
func (d *DB) Close() error { return errors.Join(d.conn.Close(), d.db.Close()) }

// A Tx is one transaction on both media.
type Tx struct{ tx *sql.Tx }

// Update runs f in one transaction and commits it. When it returns nil, the
// changes are on both media; otherwise they are on neither, with one exception
// that only the next Open decides: a disk that fails in the middle of the
// commit. After an error the caller therefore stops and opens again.
func (d *DB) Update(f func(*Tx) error) error {
	tx, err := d.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := f(&Tx{tx}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return errors.Join(fmt.Errorf("committing: %w", err), rollback(tx))
	}
	return nil
}

func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// View runs f in a transaction that is rolled back.
func (d *DB) View(f func(*Tx) error) error {
	tx, err := d.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	return errors.Join(f(&Tx{tx}), rollback(tx))
}

// Exec runs a statement on both media: it names the medium "{m}", as in
// "UPDATE {m}.roll SET …". Each must change the given number of rows; -1 leaves
// that open.
func (t *Tx) Exec(changes int64, statement string, args ...any) error {
	for _, m := range media {
		result, err := t.tx.Exec(strings.ReplaceAll(statement, "{m}", m), args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if changes >= 0 && n != changes {
			return fmt.Errorf("%d rows changed instead of %d", n, changes)
		}
	}
	return nil
}

// Query reads from the main copy.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.Query(strings.ReplaceAll(query, "{m}", "main"), args...)
}

// QueryRow reads one row from the main copy.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.tx.QueryRow(strings.ReplaceAll(query, "{m}", "main"), args...)
}

// CopyTo writes the main copy, rid of everything that tells the order of its
// changes, to a new file (VACUUM INTO). With it a broken second medium is
// replaced: close, then Open with the new file as Mirror.
func (d *DB) CopyTo(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("copying the station's database: %s is there already", path)
	}
	if err := d.exec("VACUUM main INTO ?", path); err != nil {
		return fmt.Errorf("copying the station's database: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// OpenAlone opens one copy whose other medium is lost, to read it or CopyTo a
// new one. It refuses to write.
func OpenAlone(path string) (*DB, error) {
	db, err := sql.Open("sqlite3", fileURI(path)+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), db.Close())
	}
	d := &DB{db, conn}
	if err := errors.Join(d.expect("main", "integrity_check", "ok"), d.exec("PRAGMA query_only = ON")); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), d.Close())
	}
	return d, nil
}
