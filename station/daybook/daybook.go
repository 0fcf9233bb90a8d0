// Package daybook keeps what a station knows about its day that is neither
// voter nor ballot: the phase of the polls, counters, what happened to the last
// slip, and the documents of the closing (docs/spec/station-database.md,
// Section 4).
//
// It is one row of fixed size, changed in place, and a few places for
// documents. It holds sums, never a list: nothing in it belongs to a session,
// and nothing has a time.
package daybook

import (
	"fmt"

	"github.com/openreferendum/referendum/internal/database"
)

// Create writes the first row, and the places for documents.
func Create(tx *database.Tx, d Day) error {
	if err := create(tx, d); err != nil {
		return fmt.Errorf("creating the daybook: %w", err)
	}
	return nil
}

func create(tx *database.Tx, d Day) error {
	if err := d.validate(); err != nil {
		return err
	}
	if err := tx.Exec(-1, `CREATE TABLE {m}.day (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL) STRICT`); err != nil {
		return err
	}
	if err := tx.Exec(1, `INSERT INTO {m}.day VALUES (1, ?)`, d.encode()); err != nil {
		return err
	}
	return createDocuments(tx)
}

// Read returns the row.
func Read(tx *database.Tx) (Day, error) {
	var b []byte
	if err := tx.QueryRow(`SELECT content FROM {m}.day WHERE id = 1`).Scan(&b); err != nil {
		return Day{}, fmt.Errorf("reading the daybook: %w", err)
	}
	return decode(b)
}

// Write replaces the row. It refuses what never happens in a day.
func Write(tx *database.Tx, d Day) error {
	if err := write(tx, d); err != nil {
		return fmt.Errorf("writing the daybook: %w", err)
	}
	return nil
}

func write(tx *database.Tx, d Day) error {
	old, err := Read(tx)
	if err != nil {
		return err
	}
	if err := d.validate(); err != nil {
		return err
	}
	if err := d.follows(&old); err != nil {
		return err
	}
	return tx.Exec(1, `UPDATE {m}.day SET content = ? WHERE id = 1`, d.encode())
}

// Change reads the row, lets f change it, and writes it.
func Change(tx *database.Tx, f func(*Day) error) error {
	d, err := Read(tx)
	if err != nil {
		return err
	}
	if err := f(&d); err != nil {
		return err
	}
	return Write(tx, d)
}
