package machine

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/rollbook"
)

// An Identification is that of a voter by two officials, before they have signed:
// docs/spec/station.md, Section 4.14. It holds the voter in functions, which nothing
// can print or encode.
type Identification struct {
	message func() []byte
	sign    func(*database.Tx, []IdentifiedBy) (func(*database.Tx) error, error)
}

// An IdentifiedBy is the signature of the official of a number in the manifest, from 1.
type IdentifiedBy struct {
	Number    int
	Signature []byte
}

// Message is what each official signs.
func (i *Identification) Message() []byte { return i.message() }

// maxHolder bounds the number on an identity document, in bytes.
const maxHolder = 128

// PrepareIdentification looks a voter up by the number on an identity document, as
// the roll has it. Its error is ErrNotNow, rollbook.ErrNotOnRoll or rollbook.ErrHasVoted where
// officials need not come.
func (m *Machine) PrepareIdentification(holder []byte, reason record.CardReason) (*Identification, error) {
	if m.state.At != station.Idle {
		return nil, fmt.Errorf("identifying a voter: %w", ErrNotNow)
	}
	if len(holder) == 0 || len(holder) > maxHolder {
		return nil, errors.New("identifying a voter: no number of an identity document")
	}
	kind := slices.Index(record.CardReasons(), reason) + 1
	if kind == 0 {
		return nil, errors.New("identifying a voter: no reason")
	}
	voter := record.VoterOf(m.c.Election.ID, string(holder))
	if err := m.c.DB.View(func(tx *database.Tx) error { return rollbook.Find(tx, voter) }); err != nil {
		return nil, fmt.Errorf("identifying a voter: %w", err)
	}
	var nonce [32]byte
	if _, err := io.ReadFull(m.c.Random, nonce[:]); err != nil {
		return nil, fmt.Errorf("identifying a voter: %w", err)
	}
	message := record.IdentificationMessage(m.c.Election.ID, m.c.Station, voter, reason, nonce)
	return &Identification{
		message: func() []byte { return bytes.Clone(message) },
		sign: func(tx *database.Tx, by []IdentifiedBy) (func(*database.Tx) error, error) {
			signature, err := m.identifiers(message, byte(kind), by)
			if err != nil {
				return nil, err
			}
			attendance := rollbook.Attendance{Kind: rollbook.ByOfficials, Nonce: nonce, Signature: signature}
			return func(tx *database.Tx) error { return rollbook.Mark(tx, voter, attendance) }, rollbook.Find(tx, voter)
		},
	}, nil
}

// identifiers checks the signatures of two different officials, and returns how an
// attendance holds them: docs/spec/station-database.md, Section 2.
func (m *Machine) identifiers(message []byte, reason byte, by []IdentifiedBy) ([]byte, error) {
	if len(by) != 2 || by[0].Number == by[1].Number {
		return nil, errors.New("two different officials identify a voter")
	}
	by = slices.SortedFunc(slices.Values(by), func(a, b IdentifiedBy) int { return a.Number - b.Number })
	all := []byte{reason}
	for _, s := range by {
		if s.Number < 1 || s.Number > len(m.place.Officials) {
			return nil, fmt.Errorf("the station has no official %d", s.Number)
		}
		if key := m.place.Officials[s.Number-1]; !ed25519.Verify(key[:], message, s.Signature) {
			return nil, fmt.Errorf("official %d: the signature does not verify", s.Number)
		}
		all = append(append(all, byte(s.Number)), s.Signature...)
	}
	return all, nil
}

// Identify begins the session of a voter whom two officials have identified.
func (m *Machine) Identify(i *Identification, by []IdentifiedBy) error {
	if m.state.At != station.Idle {
		return fmt.Errorf("identifying a voter: %w", ErrNotNow)
	}
	var mark func(*database.Tx) error
	err := m.c.DB.View(func(tx *database.Tx) (err error) {
		mark, err = i.sign(tx, by)
		return err
	})
	if err != nil {
		return fmt.Errorf("identifying a voter: %w", err)
	}
	m.desk = desk{mark: mark}
	if m.handle(station.VoterIdentified{}).At != station.Choosing {
		return fmt.Errorf("identifying a voter: %w", m.problem)
	}
	return nil
}

// Identified returns how many of those who voted were identified by officials.
func (m *Machine) Identified() (n int, err error) {
	err = m.c.DB.View(func(tx *database.Tx) error {
		n, err = rollbook.Identified(tx)
		return err
	})
	return n, err
}
