// Package ballotbox keeps ballots on disk so that nothing on the disk tells in
// which order they came: docs/spec/station-database.md, Section 3.
//
// A box is a table of slots of equal size, all written when the station is
// provisioned. A ballot overwrites a free slot chosen at random. The package
// never sees a voter, and does not know who cast what or when.
package ballotbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
)

// A Box is one table of slots. The station has two: Cast and Challenged.
type Box struct{ table string }

// The boxes of a station.
var (
	Cast       = Box{"cast_ballots"}
	Challenged = Box{"challenged_ballots"}
)

// ErrFull is returned when there is no free slot. The station stops: there are
// as many slots as voters.
var ErrFull = errors.New("ballotbox: full")

// ErrDuplicate is returned for a ballot that is in the box already. The station
// stops: two honest ballots are never equal.
var ErrDuplicate = errors.New("ballotbox: this ballot is in the box already")

// ErrClosed is returned for a ballot that comes after Seal. The station stops:
// it does not offer to vote after the close.
var ErrClosed = errors.New("ballotbox: sealed")

// Bounds of a box.
const (
	MaxSlots = 200_000
	MaxSize  = 1 << 20 // of a slot, in bytes
)

// Create makes the box with its slots, each for size bytes.
func (b Box) Create(tx *database.Tx, slots, size int) error {
	if slots < 1 || slots > MaxSlots || size < 1 || size > MaxSize {
		return fmt.Errorf("creating box %s: %d slots of %d bytes", b.table, slots, size)
	}
	seal := `CREATE TABLE {m}.` + b.table + `_seal (
		id INTEGER PRIMARY KEY CHECK (id = 1),
		sealed INTEGER NOT NULL CHECK (sealed IN (0, 1))) STRICT`
	if err := tx.Exec(-1, seal); err != nil {
		return fmt.Errorf("creating box %s: %w", b.table, err)
	}
	if err := tx.Exec(1, `INSERT INTO {m}.`+b.table+`_seal VALUES (1, 0)`); err != nil {
		return fmt.Errorf("creating box %s: %w", b.table, err)
	}
	create := `CREATE TABLE {m}.` + b.table + ` (
		slot INTEGER PRIMARY KEY,
		used INTEGER NOT NULL CHECK (used IN (0, 1)),
		code BLOB NOT NULL,
		content BLOB NOT NULL) STRICT`
	if err := tx.Exec(-1, create); err != nil {
		return fmt.Errorf("creating box %s: %w", b.table, err)
	}
	fill := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO {m}.` + b.table + ` SELECT i, 0, zeroblob(32), zeroblob(?) FROM n`
	if err := tx.Exec(int64(slots), fill, slots, size); err != nil {
		return fmt.Errorf("filling box %s: %w", b.table, err)
	}
	return nil
}

// Put overwrites a free slot, chosen with random, by the content. Its size must
// be that of the slots.
func (b Box) Put(tx *database.Tx, random io.Reader, code record.Hash, content []byte) error {
	if err := b.put(tx, random, code, content); err != nil {
		return fmt.Errorf("putting a ballot into box %s: %w", b.table, err)
	}
	return nil
}

func (b Box) put(tx *database.Tx, random io.Reader, code record.Hash, content []byte) error {
	sealed, err := b.Sealed(tx)
	if err != nil {
		return err
	}
	if sealed {
		return ErrClosed
	}
	var free, same int
	row := tx.QueryRow(`SELECT count(*) FILTER (WHERE used = 0), count(*) FILTER (WHERE used = 1 AND code = ?) FROM {m}.`+b.table, code[:])
	if err := row.Scan(&free, &same); err != nil {
		return err
	}
	if same > 0 {
		return ErrDuplicate
	}
	if free == 0 {
		return ErrFull
	}
	k, err := below(random, uint64(free))
	if err != nil {
		return err
	}
	var slot, size int
	row = tx.QueryRow(`SELECT slot, length(content) FROM {m}.`+b.table+` WHERE used = 0 ORDER BY slot LIMIT 1 OFFSET ?`, k)
	if err := row.Scan(&slot, &size); err != nil {
		return err
	}
	if len(content) != size {
		return fmt.Errorf("%d bytes for slots of %d", len(content), size)
	}
	// The new row has the size of the old one (0 and 1 take no bytes), so SQLite
	// overwrites it in place and neither page layout nor file size changes.
	return tx.Exec(1, `UPDATE {m}.`+b.table+` SET used = 1, code = ?, content = ? WHERE slot = ? AND used = 0`, code[:], content, slot)
}

// below returns a uniformly random number below n by rejection.
func below(random io.Reader, n uint64) (uint64, error) {
	mask := uint64(1)<<bits.Len64(n-1) - 1
	for {
		var b [8]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return 0, fmt.Errorf("reading randomness: %w", err)
		}
		if k := binary.LittleEndian.Uint64(b[:]) & mask; k < n {
			return k, nil
		}
	}
}

// Count returns the number of ballots in the box.
func (b Box) Count(tx *database.Tx) (int, error) {
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM {m}.` + b.table + ` WHERE used = 1`).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting box %s: %w", b.table, err)
	}
	return n, nil
}

// Seal closes the box for good, at the close of polls.
func (b Box) Seal(tx *database.Tx) error {
	if err := tx.Exec(1, `UPDATE {m}.`+b.table+`_seal SET sealed = 1 WHERE id = 1`); err != nil {
		return fmt.Errorf("sealing box %s: %w", b.table, err)
	}
	return nil
}

// Sealed reports whether the box was sealed.
func (b Box) Sealed(tx *database.Tx) (bool, error) {
	var sealed int
	if err := tx.QueryRow(`SELECT sealed FROM {m}.` + b.table + `_seal WHERE id = 1`).Scan(&sealed); err != nil {
		return false, fmt.Errorf("reading the seal of box %s: %w", b.table, err)
	}
	return sealed == 1, nil
}

// Sorted calls yield with every ballot, ascending by code, until it returns an
// error. The slices are yield's to keep. It holds the codes in memory, and one
// ballot at a time.
func (b Box) Sorted(tx *database.Tx, yield func(code record.Hash, content []byte) error) error {
	ballots, err := b.places(tx)
	if err != nil {
		return fmt.Errorf("reading box %s: %w", b.table, err)
	}
	for _, p := range ballots {
		var content []byte
		row := tx.QueryRow(`SELECT content FROM {m}.`+b.table+` WHERE slot = ?`, p.slot)
		if err := row.Scan(&content); err != nil {
			return fmt.Errorf("reading box %s: %w", b.table, err)
		}
		if err := yield(p.code, content); err != nil {
			return err
		}
	}
	return nil
}

// A place says in which slot a ballot lies, which is chance, and never leaves
// the package.
type place struct {
	code record.Hash
	slot int
}

// places lists the ballots, ascending by code.
func (b Box) places(tx *database.Tx) ([]place, error) {
	rows, err := tx.Query(`SELECT slot, code FROM {m}.` + b.table + ` WHERE used = 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ballots []place
	for rows.Next() {
		var slot int
		var code []byte
		if err := rows.Scan(&slot, &code); err != nil {
			return nil, err
		}
		if len(code) != len(record.Hash{}) {
			return nil, fmt.Errorf("a code of %d bytes", len(code))
		}
		ballots = append(ballots, place{record.Hash(code), slot})
	}
	slices.SortFunc(ballots, func(x, y place) int { return bytes.Compare(x.code[:], y.code[:]) })
	return ballots, rows.Err()
}
