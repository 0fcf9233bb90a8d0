package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// ErrDiffer is returned by Open when the two copies do not hold the same. The
// station stops: a person has to find out which medium was changed or is of
// another station.
var ErrDiffer = errors.New("the database and its copy on the second medium differ")

// compare reads every row of every table on both media.
func (d *DB) compare() error {
	if len(d.media) == 1 {
		return nil
	}
	if err := d.compareQuery("type, name, tbl_name, sql", "sqlite_schema", "name"); err != nil {
		return fmt.Errorf("%w: schema: %w", ErrDiffer, err)
	}
	tables, err := d.tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := d.compareQuery("*", t, "1"); err != nil {
			return fmt.Errorf("%w: table %s: %w", ErrDiffer, t, err)
		}
	}
	return nil
}

// tables lists the tables of main.
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

// compareQuery reads both copies of a table side by side. The first column of
// every table is its key, so both come in the same order.
func (d *DB) compareQuery(columns, table, order string) error {
	var sides [2]*sql.Rows
	for i, m := range d.media {
		rows, err := d.conn.QueryContext(context.Background(), fmt.Sprintf("SELECT %s FROM %s.%s ORDER BY %s", columns, m.name, quote(table), order))
		if err != nil {
			return err
		}
		defer rows.Close()
		sides[i] = rows
	}
	for n := 1; ; n++ {
		more := sides[0].Next()
		if more != sides[1].Next() {
			return errors.Join(errors.New("different numbers of rows"), sides[0].Err(), sides[1].Err())
		}
		if !more {
			return errors.Join(sides[0].Err(), sides[1].Err())
		}
		same, err := sameRow(sides)
		if err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("row %d", n)
		}
	}
}

// quote makes an identifier of SQL of a name found in a file.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func sameRow(sides [2]*sql.Rows) (bool, error) {
	var values [2][]sql.RawBytes
	for i, rows := range sides {
		columns, err := rows.Columns()
		if err != nil {
			return false, err
		}
		values[i] = make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for k := range columns {
			into[k] = &values[i][k]
		}
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
	}
	for k := range values[0] {
		if (values[0][k] == nil) != (values[1][k] == nil) || !bytes.Equal(values[0][k], values[1][k]) {
			return false, nil
		}
	}
	return true, nil
}
