package database_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/openreferendum/referendum/internal/database"
)

// TestNotCommitted does in one transaction what is right, and then what is not:
// none of it may be there afterwards, and the database goes on.
func TestNotCommitted(t *testing.T) {
	right := func(tx *database.Tx) error { return tx.Exec(rows, `UPDATE {m}.t SET n = n + 1`) }
	for _, test := range []struct {
		name string
		then func(tx *database.Tx) error
		says string
	}{
		{"the function fails", func(*database.Tx) error { return errors.New("on purpose") }, "on purpose"},
		{"one medium only", func(tx *database.Tx) error { return tx.Exec(1, `UPDATE main.t SET n = 9 WHERE id = 1`) }, "database: a statement for one medium only: UPDATE main.t"},
		{"too few rows", func(tx *database.Tx) error { return tx.Exec(1, `UPDATE {m}.t SET n = 9 WHERE id = 77`) }, "main: 0 rows changed instead of 1"},
		{"too many rows", func(tx *database.Tx) error { return tx.Exec(1, `UPDATE {m}.t SET n = 9`) }, "main: 4 rows changed instead of 1"},
		{"a constraint", func(tx *database.Tx) error { return tx.Exec(1, `INSERT INTO {m}.t VALUES (1, 0, x'')`) }, "main: UNIQUE constraint failed"},
		{"a wrong type", func(tx *database.Tx) error { return tx.Exec(1, `UPDATE {m}.t SET n = 'x' WHERE id = 1`) }, "main: cannot store TEXT value in INTEGER column"},
		{"no SQL", func(tx *database.Tx) error { return tx.Exec(1, `{m} is not SQL`) }, "main: near"},
		{"an error overlooked", func(tx *database.Tx) error {
			_ = tx.Exec(1, `UPDATE {m}.t SET n = 9 WHERE id = 77`)
			return tx.Exec(1, `UPDATE {m}.t SET n = 9 WHERE id = 1`)
		}, "main: 0 rows changed instead of 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := create(t, config(t.TempDir()))
			err := db.Update(func(tx *database.Tx) error {
				if err := right(tx); err != nil {
					t.Fatal(err)
				}
				return test.then(tx)
			})
			fails(t, err, test.says)
			if got := sum(t, db); got != 0 {
				t.Errorf("%d were added", got)
			}
			if err := add(db); err != nil || sum(t, db) != 1 {
				t.Errorf("the next transaction: %v", err)
			}
		})
	}
}

func TestViewOnlyReads(t *testing.T) {
	db := create(t, config(t.TempDir()))
	err := db.View(func(tx *database.Tx) error { return tx.Exec(1, `UPDATE {m}.t SET n = 1 WHERE id = 1`) })
	fails(t, err, "database: writing in a transaction that only reads")
	err = db.View(func(tx *database.Tx) error { // in a way that the types do not stop
		rows, err := tx.Query(`UPDATE {m}.t SET n = 1 RETURNING n`)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return rows.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := sum(t, db); got != 0 {
		t.Errorf("a View wrote %d", got)
	}
}

// TestPanic stops the database: nobody knows what the caller was doing.
func TestPanic(t *testing.T) {
	c := config(t.TempDir())
	db := create(t, c)
	func() {
		defer func() {
			if r := recover(); r != "on purpose" {
				t.Errorf("recovered %v", r)
			}
		}()
		err := db.Update(func(tx *database.Tx) error {
			if err := tx.Exec(rows, `UPDATE {m}.t SET n = 1`); err != nil {
				t.Error(err)
			}
			panic("on purpose")
		})
		t.Errorf("a panic ended in %v", err)
	}()
	for _, err := range []error{add(db), db.View(func(*database.Tx) error { return nil })} {
		if !errors.Is(err, database.ErrStopped) {
			t.Errorf("after a panic: %v", err)
		}
		fails(t, err, "panic in a transaction")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := database.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := sum(t, again); got != 0 {
		t.Errorf("a panic committed %d", got)
	}
}

func TestClosed(t *testing.T) {
	db := create(t, config(t.TempDir()))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := add(db); !errors.Is(err, sql.ErrConnDone) {
		t.Errorf("writing to a closed database: %v", err)
	}
	fails(t, add(db), "beginning a transaction: ")
}

// TestTakingTurns adds from several goroutines.
func TestTakingTurns(t *testing.T) {
	db := create(t, config(t.TempDir()))
	errs := make(chan error)
	for range 8 {
		go func() { errs <- add(db) }()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := sum(t, db); got != 8 {
		t.Errorf("8 additions make %d", got)
	}
}
