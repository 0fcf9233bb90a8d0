package machine

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/slip/raster"
)

// Check looks at what New, OpenPolls and a session would find, without a device,
// and returns everything that is wrong. It writes nothing and prints nothing.
// Config is that of New; Printer, Window and Clock are not used, and without Random no
// ballot is tried.
//
// A session that a power cut ended is not wrong: the next start ends it.
func Check(c Config) []error {
	m := &Machine{c: c}
	if c.Election == nil || c.DB == nil {
		return []error{errMissing}
	}
	var wrong []error
	look := func(what string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", what, err))
		}
	}
	look("configuration", m.checkIdentity())
	look("papers", m.checkPapers())
	if c.Random != nil {
		look("ballot", m.checkBallot())
	}
	day, err := m.day()
	if err == nil {
		err = m.checkDay(day)
	}
	look("database", err)
	if err != nil {
		return wrong // of another station: the rest would say the same again
	}
	if err := c.DB.View(m.checkSoftware); !errors.Is(err, daybook.ErrNoDocument) {
		look("software", err)
	}
	look("roll", c.DB.View(m.checkRoll))
	look("books", c.DB.View(func(tx *database.Tx) error { return m.checkPhase(tx, day) }))
	return wrong
}

// checkPhase checks the books as far as they can be checked where the day is.
func (m *Machine) checkPhase(tx *database.Tx, day daybook.Day) error {
	switch {
	case day.Phase == daybook.Provisioned:
		return m.checkUntouched(tx)
	case day.InUse || day.Slip != daybook.NoSlip:
		c, err := counts(tx)
		if err != nil {
			return err
		}
		return checkBoxes(tx, day, c)
	}
	return checkBooks(tx)
}

// checkPapers looks for characters that cannot be printed, and draws what every
// voter gets, with the longest choices.
func (m *Machine) checkPapers() error {
	place, ok := m.c.Election.Station(m.c.Station)
	if !ok {
		return nil // said already
	}
	if err := checkPaper(m.c.Election.Manifest, m.c.Station); err != nil {
		return err
	}
	page, err := slip.Slip(m.c.Election.Manifest, place, longest(m.c.Election.Manifest))
	if err != nil {
		return err
	}
	r := raster.New()
	for _, p := range []slip.Page{page, slip.Receipt(m.c.Election, place, record.Hash{}), slip.Void(m.c.Election.Manifest)} {
		if _, err := r.Draw(p); err != nil {
			return fmt.Errorf("drawing the %s: %w", p.Kind, err)
		}
	}
	return nil
}

// longest returns, for each question, the option with the longest label.
func longest(m *record.Manifest) []int {
	selections := make([]int, len(m.Questions))
	for i, q := range m.Questions {
		length := 0
		for o, option := range q.Options {
			n := 0
			for _, words := range option.Label {
				n += len(words)
			}
			if n > length {
				selections[i], length = o+1, n
			}
		}
	}
	return selections
}

// checkBallot makes a ballot, verifies it, and lets go of it.
func (m *Machine) checkBallot() error {
	shape := m.c.Election.Manifest.Shape()
	chosen, err := proof.NewSelections(shape, make([]int, len(shape)))
	if err != nil {
		return err
	}
	b := booth{chosen: &chosen}
	return b.encrypt(m.c.Random, m.c.Election, m.c.Station)
}

// checkDay refuses a database that is of another station or election.
func (m *Machine) checkDay(day daybook.Day) error {
	if day.Election != m.c.Election.ID || day.Station != m.c.Station {
		return errors.New("the database is of another station or election")
	}
	return nil
}
