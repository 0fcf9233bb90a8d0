package database

import (
	"context"
	"fmt"
	"strconv"
)

// A setting is a pragma that holds on a medium, or on the connection.
type setting struct{ pragma, set, want string }

// settings hold on every medium; docs/adr/0007-sqlite-settings.md argues each.
var settings = []setting{
	{"journal_mode", "TRUNCATE", "truncate"},
	{"synchronous", "EXTRA", "3"},
	{"secure_delete", "ON", "1"},
	{"locking_mode", "EXCLUSIVE", "exclusive"},
}

// connectionSettings hold on the connection.
var connectionSettings = []setting{
	{"foreign_keys", "ON", "1"},
	{"temp_store", "MEMORY", "2"}, // no ballot in a temporary file
	{"cell_size_check", "ON", "1"},
	{"trusted_schema", "OFF", "0"},
}

// The marks of a station's database in the header of a SQLite file.
const (
	applicationID = 0x52664442 // "RfDB"
	formatVersion = 1
)

func (d *DB) configure() error {
	for _, s := range connectionSettings {
		if err := d.apply(medium{name: "main"}, s); err != nil {
			return err
		}
	}
	for _, m := range d.media {
		for _, s := range settings {
			if err := d.apply(m, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply sets a pragma and reads it back: SQLite ignores what it cannot do.
func (d *DB) apply(m medium, s setting) error {
	rows, err := d.conn.QueryContext(context.Background(), fmt.Sprintf("PRAGMA %s.%s = %s", m.name, s.pragma, s.set))
	if err != nil {
		return fmt.Errorf("%s: setting %s: %w", m.name, s.pragma, err)
	}
	for rows.Next() {
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("%s: setting %s: %w", m.name, s.pragma, err)
	}
	return d.expect(m, s.pragma, s.want)
}

func (d *DB) expect(m medium, pragma, want string) error {
	var got string
	row := d.conn.QueryRowContext(context.Background(), fmt.Sprintf("PRAGMA %s.%s", m.name, pragma))
	if err := row.Scan(&got); err != nil {
		return fmt.Errorf("%s: reading %s: %w", m.name, pragma, err)
	}
	if got != want {
		return fmt.Errorf("%s: %s is %q instead of %q", m.name, pragma, got, want)
	}
	return nil
}

// stamp marks new files as a station's.
func (d *DB) stamp() error {
	for _, m := range d.media {
		if err := d.exec(fmt.Sprintf("PRAGMA %s.application_id = %d", m.name, applicationID)); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if err := d.exec(fmt.Sprintf("PRAGMA %s.user_version = %d", m.name, formatVersion)); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// recognise refuses a file that is not a station's database, and an empty one.
func (d *DB) recognise(m medium) error {
	if err := d.expect(m, "application_id", strconv.Itoa(applicationID)); err != nil {
		return fmt.Errorf("%s is not a station's database: %w", m.path, err)
	}
	return d.expect(m, "user_version", strconv.Itoa(formatVersion))
}
