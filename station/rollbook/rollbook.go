// Package rollbook keeps who may vote at a station and who has:
// docs/spec/station-database.md, Section 2.
//
// A voter is marked in place, in the row that was written when the station was
// provisioned, so the book tells who has voted and nothing about when, or in
// which order. The package never sees a ballot.
package rollbook

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
)

// ErrNotOnRoll is returned for who is not on this station's roll. The voter is
// shown a screen for it.
var ErrNotOnRoll = errors.New("rollbook: not on this station's roll")

// ErrHasVoted is returned for who has voted. The voter is shown a screen for
// it.
var ErrHasVoted = errors.New("rollbook: has voted already")

// A Kind says how a voter was identified. It is no secret of the ballot: it
// stays in the book and is counted.
type Kind byte

// The kinds of identification.
const (
	ByCard      Kind = iota // the eID card signed
	ByOfficials             // two officials signed for a voter without a working card
)

// An Attendance proves that a card was there and its holder consented: its
// signature over (H_E, station, "attendance", nonce), or the signatures of two
// officials over the same. It stays at the station, sealed; only the root over
// all attendances is published.
type Attendance struct {
	Kind        Kind
	Nonce       [32]byte
	Certificate record.Hash // SHA-256 of the card's certificate, DER
	Signature   []byte      // at most MaxSignature bytes
}

// MaxSignature bounds a card's signature, in bytes: RSA with 4096 bits.
const MaxSignature = 512

const encodedSize = 1 + 32 + 32 + 2 + MaxSignature

// encode pads every attendance to the same size.
func (a Attendance) encode() ([]byte, error) {
	if a.Kind > ByOfficials {
		return nil, fmt.Errorf("attendance: kind %d", a.Kind)
	}
	if len(a.Signature) == 0 || len(a.Signature) > MaxSignature {
		return nil, fmt.Errorf("attendance: signature of %d bytes", len(a.Signature))
	}
	b := make([]byte, encodedSize)
	b[0] = byte(a.Kind)
	copy(b[1:], a.Nonce[:])
	copy(b[33:], a.Certificate[:])
	binary.BigEndian.PutUint16(b[65:], uint16(len(a.Signature)))
	copy(b[67:], a.Signature)
	return b, nil
}

// Create writes the roll, in the order of its entries, which is ascending.
func Create(tx *database.Tx, voters []record.Voter) error {
	if len(voters) > record.MaxRegistered {
		return fmt.Errorf("creating the roll: %d voters", len(voters))
	}
	for i := 1; i < len(voters); i++ {
		if bytes.Compare(voters[i-1][:], voters[i][:]) >= 0 {
			return fmt.Errorf("creating the roll: entry %d is out of order, or stands twice", i+1)
		}
	}
	create := `CREATE TABLE {m}.roll (
		entry INTEGER PRIMARY KEY,
		voter BLOB NOT NULL UNIQUE,
		marked INTEGER NOT NULL CHECK (marked IN (0, 1)),
		attendance BLOB NOT NULL) STRICT`
	if err := tx.Exec(-1, create); err != nil {
		return fmt.Errorf("creating the roll: %w", err)
	}
	for i, v := range voters {
		if err := tx.Exec(1, `INSERT INTO {m}.roll VALUES (?, ?, 0, zeroblob(?))`, i+1, v[:], encodedSize); err != nil {
			return fmt.Errorf("writing entry %d of the roll: %w", i+1, err)
		}
	}
	return nil
}

// Find returns nil if the voter may vote, ErrNotOnRoll or ErrHasVoted if not.
func Find(tx *database.Tx, v record.Voter) error {
	var marked int
	switch err := tx.QueryRow(`SELECT marked FROM {m}.roll WHERE voter = ?`, v[:]).Scan(&marked); {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotOnRoll
	case err != nil:
		return fmt.Errorf("looking into the roll: %w", err)
	case marked != 0:
		return ErrHasVoted
	}
	return nil
}

// Mark marks the voter and keeps the attendance. It looks again, so that nobody
// is marked twice.
func Mark(tx *database.Tx, v record.Voter, a Attendance) error {
	if err := Find(tx, v); err != nil {
		return err
	}
	b, err := a.encode()
	if err != nil {
		return err
	}
	if err := tx.Exec(1, `UPDATE {m}.roll SET marked = 1, attendance = ? WHERE voter = ? AND marked = 0`, b, v[:]); err != nil {
		return fmt.Errorf("marking a voter: %w", err)
	}
	return nil
}

// Registered returns the number of voters on the roll.
func Registered(tx *database.Tx) (int, error) { return count(tx, "") }

// Marked returns the number of voters who have voted.
func Marked(tx *database.Tx) (int, error) { return count(tx, " WHERE marked = 1") }

// Identified returns the number of those whom two officials identified.
func Identified(tx *database.Tx) (int, error) {
	return count(tx, " WHERE marked = 1 AND substr(attendance, 1, 1) = x'01'")
}

func count(tx *database.Tx, where string) (int, error) {
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM {m}.roll" + where).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting the roll: %w", err)
	}
	return n, nil
}

// Leaves returns the digests of all attendances in ascending order, the leaves
// of the tree whose root the station publishes.
func Leaves(tx *database.Tx, election record.Hash, station string) ([][32]byte, error) {
	rows, err := tx.Query(`SELECT attendance FROM {m}.roll WHERE marked = 1`)
	if err != nil {
		return nil, fmt.Errorf("reading the attendances: %w", err)
	}
	defer rows.Close()
	var leaves [][32]byte
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, fmt.Errorf("reading the attendances: %w", err)
		}
		if len(b) != encodedSize {
			return nil, fmt.Errorf("reading the attendances: one of %d bytes", len(b))
		}
		leaves = append(leaves, record.AttendanceLeaf(election, station, b))
	}
	slices.SortFunc(leaves, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return leaves, rows.Err()
}
