package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrStopped is returned by every call after a commit failed half way. The
// station stops: only Open finds out whether that transaction was made.
var ErrStopped = errors.New("database: the database stopped after an error; open it again")

// errAlone is what Update returns for a copy that was opened alone.
var errAlone = errors.New("database: one copy alone is not written")

// errReadOnly is what Exec returns inside View.
var errReadOnly = errors.New("database: writing in a transaction that only reads")

// A Tx is one transaction on both media. It is used only inside the function
// that was given it, and by one goroutine.
type Tx struct {
	tx       *sql.Tx
	media    []medium
	readOnly bool
	failed   error // of the first Exec that failed
}

// Update runs f in one transaction and commits it. When it returns nil, the
// changes are on both media. When f fails, or when what f did cannot be stored,
// they are on neither. When the commit itself fails half way, only the next
// Open decides which of the two it is: until then every call returns ErrStopped.
func (d *DB) Update(f func(*Tx) error) error { return d.run(f, false) }

// View runs f in a transaction in which nothing can be written.
func (d *DB) View(f func(*Tx) error) error { return d.run(f, true) }

func (d *DB) run(f func(*Tx) error, readOnly bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken != nil {
		return fmt.Errorf("%w: %w", ErrStopped, d.broken)
	}
	if d.alone && !readOnly {
		return errAlone
	}
	tx, err := d.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	done := false
	defer func() {
		if !done { // f panicked
			d.broken = errors.Join(errors.New("panic in a transaction"), tx.Rollback())
		}
	}()
	t := &Tx{tx: tx, media: d.media, readOnly: readOnly}
	err = f(t)
	done = true
	if err == nil {
		err = t.failed // a caller that overlooks an error of Exec must not commit
	}
	if err != nil || readOnly {
		return errors.Join(err, d.rollback(tx))
	}
	return d.commit(tx)
}

// rollback undoes a transaction; if even that fails, nobody knows what is on
// the disks.
func (d *DB) rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil {
		d.broken = err
		return fmt.Errorf("undoing a transaction: %w", err)
	}
	return nil
}

func (d *DB) commit(tx *sql.Tx) error {
	err := tx.Commit()
	if err == nil {
		err = d.journalsEmpty()
	}
	if err != nil {
		if rolledBack := tx.Rollback(); rolledBack != nil && !errors.Is(rolledBack, sql.ErrTxDone) {
			err = errors.Join(err, rolledBack)
		}
		d.broken = err
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// journalsEmpty makes sure that both journals were emptied. SQLite does not
// report it if a journal cannot be emptied after a commit over two files, but
// OpenAlone relies on it, and a journal that stays holds old pages.
func (d *DB) journalsEmpty() error {
	for _, m := range d.media {
		info, err := os.Stat(journal(m.path))
		if errors.Is(err, os.ErrNotExist) {
			continue // nothing was ever written to this copy since it was opened
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if info.Size() != 0 {
			return fmt.Errorf("%s: the journal was not emptied", m.name)
		}
	}
	return nil
}

func journal(path string) string { return path + "-journal" }

// Exec runs a statement on both media: it names the medium "{m}", as in
// "UPDATE {m}.roll SET …". Each must change the given number of rows; -1 leaves
// that open. A transaction in which an Exec failed is not committed.
func (t *Tx) Exec(changes int64, statement string, args ...any) error {
	err := t.execBoth(changes, statement, args)
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

func (t *Tx) execBoth(changes int64, statement string, args []any) error {
	if t.readOnly {
		return errReadOnly
	}
	if !strings.Contains(statement, "{m}") {
		return fmt.Errorf("database: a statement for one medium only: %s", statement)
	}
	for _, m := range t.media {
		result, err := t.tx.Exec(strings.ReplaceAll(statement, "{m}", m.name), args...)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if changes >= 0 && n != changes {
			return fmt.Errorf("%s: %d rows changed instead of %d", m.name, n, changes)
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
