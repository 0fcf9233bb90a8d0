// Package daybook keeps what a station knows about its day that is neither
// voter nor ballot: the phase of the polls, counters, what happened to the last
// slip, and the documents of the closing (docs/spec/station-database.md,
// Section 4).
//
// It is one row of fixed size, changed in place. It holds sums, never a list:
// nothing in it belongs to a session, and nothing has a time.
package daybook

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

// A Phase says where the polls are.
type Phase byte

// The phases, in the order in which they come. Suspended goes back to Open.
const (
	Provisioned Phase = iota
	Open
	Suspended
	Closed
)

// A Slip says what happened to the last slip, for who starts after a power cut.
type Slip byte

// The fates of a slip.
const (
	NoSlip        Slip = iota // none behind the window
	SlipPrinted               // printed, or being printed; its ballot is not cast
	SlipCast                  // its ballot is cast; it has to drop into the box
	SlipChallenge             // its ballot was opened; it has to be voided
)

// A Day is the row.
type Day struct {
	Election record.Hash
	Station  string
	Phase    Phase
	Slip     Slip
	InUse    bool // a session is going on

	Sessions, Cast, Challenged, Abandoned, SlipsPrinted, SlipsVoided uint32
}

const (
	maxStation = 64
	size       = 32 + 1 + maxStation + 3 + 6*4
)

func (d Day) encode() []byte {
	b := make([]byte, 0, size)
	b = append(b, d.Election[:]...)
	b = append(b, byte(len(d.Station)))
	b = append(b, d.Station...)
	b = append(b, make([]byte, maxStation-len(d.Station))...)
	inUse := byte(0)
	if d.InUse {
		inUse = 1
	}
	b = append(b, byte(d.Phase), byte(d.Slip), inUse)
	for _, n := range []uint32{d.Sessions, d.Cast, d.Challenged, d.Abandoned, d.SlipsPrinted, d.SlipsVoided} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func decode(b []byte) (Day, error) {
	if len(b) != size || b[32] > maxStation {
		return Day{}, errors.New("daybook: damaged")
	}
	d := Day{Election: record.Hash(b[:32]), Station: string(b[33 : 33+b[32]])}
	b = b[33+maxStation:]
	d.Phase, d.Slip, d.InUse = Phase(b[0]), Slip(b[1]), b[2] == 1
	if d.Phase > Closed || d.Slip > SlipChallenge || b[2] > 1 {
		return Day{}, errors.New("daybook: damaged")
	}
	for i, n := range []*uint32{&d.Sessions, &d.Cast, &d.Challenged, &d.Abandoned, &d.SlipsPrinted, &d.SlipsVoided} {
		*n = binary.BigEndian.Uint32(b[3+4*i:])
	}
	return d, nil
}

// Create writes the first row.
func Create(tx *durable.Tx, d Day) error {
	if len(d.Station) > maxStation {
		return fmt.Errorf("creating the daybook: station id of %d bytes", len(d.Station))
	}
	if err := tx.Exec(-1, `CREATE TABLE {m}.day (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL) STRICT`); err != nil {
		return fmt.Errorf("creating the daybook: %w", err)
	}
	if err := tx.Exec(-1, `CREATE TABLE {m}.documents (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT`); err != nil {
		return fmt.Errorf("creating the daybook: %w", err)
	}
	if err := tx.Exec(1, `INSERT INTO {m}.day VALUES (1, ?)`, d.encode()); err != nil {
		return fmt.Errorf("creating the daybook: %w", err)
	}
	return nil
}

// Read returns the row.
func Read(tx *durable.Tx) (Day, error) {
	var b []byte
	if err := tx.QueryRow(`SELECT content FROM {m}.day WHERE id = 1`).Scan(&b); err != nil {
		return Day{}, fmt.Errorf("reading the daybook: %w", err)
	}
	return decode(b)
}

// Write replaces the row.
func Write(tx *durable.Tx, d Day) error {
	if err := tx.Exec(1, `UPDATE {m}.day SET content = ? WHERE id = 1`, d.encode()); err != nil {
		return fmt.Errorf("writing the daybook: %w", err)
	}
	return nil
}

// Change reads the row, lets f change it, and writes it.
func Change(tx *durable.Tx, f func(*Day) error) error {
	d, err := Read(tx)
	if err != nil {
		return err
	}
	if err := f(&d); err != nil {
		return err
	}
	return Write(tx, d)
}

// Keep stores a document of the closing under a name that is not in use.
func Keep(tx *durable.Tx, name string, content []byte) error {
	if err := tx.Exec(1, `INSERT INTO {m}.documents VALUES (?, ?)`, name, content); err != nil {
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	return nil
}

// Document returns a kept document.
func Document(tx *durable.Tx, name string) ([]byte, error) {
	var b []byte
	if err := tx.QueryRow(`SELECT content FROM {m}.documents WHERE name = ?`, name).Scan(&b); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return b, nil
}
