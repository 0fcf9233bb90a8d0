package machine

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/ballotbox"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/rollbook"
	"github.com/openreferendum/referendum/station/slip/raster"
)

// Names of the documents of provisioning in the daybook.
const (
	keptRoll     = "roll-signature.json" // the roll as it was signed, but for the voters: they are in the book
	keptSoftware = "software"            // SHA-256
)

// Provision writes the database of a station before the first day: the roll,
// the empty boxes, the daybook.
func Provision(db *database.DB, e *record.Election, id string, roll *record.Signed[record.Roll]) error {
	if err := provision(db, e, id, roll); err != nil {
		return fmt.Errorf("provisioning station %q: %w", id, err)
	}
	return nil
}

func provision(db *database.DB, e *record.Election, id string, roll *record.Signed[record.Roll]) error {
	if err := record.CheckRoll(e, id, roll); err != nil {
		return err
	}
	if err := checkPaper(e.Manifest, id); err != nil {
		return err
	}
	signature, err := record.Marshal(record.Signed[record.Roll]{
		Body:       record.Roll{Election: e.ID, Station: id, Voters: []record.Voter{}},
		Signatures: roll.Signatures,
	})
	if err != nil {
		return err
	}
	slots := max(1, len(roll.Body.Voters))
	return db.Update(func(tx *database.Tx) error {
		for _, err := range []error{
			daybook.Create(tx, daybook.Day{Election: e.ID, Station: id}),
			daybook.Keep(tx, keptRoll, signature),
			rollbook.Create(tx, roll.Body.Voters),
			ballotbox.Cast.Create(tx, slots, e.BallotSize()),
			ballotbox.Challenged.Create(tx, challengeSlots(slots), record.ChallengedSize(e.Manifest.Shape())),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// checkPaper refuses a manifest with characters that the font of the station's
// papers lacks: what a voter could not read must not come out on the day.
func checkPaper(m *record.Manifest, id string) error {
	place, _ := m.Station(id)
	texts := []record.Text{m.Title, place.Name}
	for _, q := range m.Questions {
		texts = append(texts, q.Title)
		for _, o := range q.Options {
			texts = append(texts, o.Label)
		}
	}
	for _, t := range texts {
		for _, words := range t {
			if missing := raster.Missing(words); len(missing) > 0 {
				return fmt.Errorf("the font of the papers has no glyph for %q in %q", string(missing), words)
			}
		}
	}
	return nil
}

// challengeSlots leaves room for every other voter to test the machine.
func challengeSlots(voters int) int { return max(64, voters/2) }

// ExpectSoftware says which program the station has to run, by its SHA-256,
// when the station is provisioned. A machine with another does not start. A station that was told
// none expects the program that opened its polls.
func ExpectSoftware(db *database.DB, software record.Hash) error {
	err := db.Update(func(tx *database.Tx) error { return daybook.Keep(tx, keptSoftware, software[:]) })
	if err != nil {
		return fmt.Errorf("expecting software: %w", err)
	}
	return nil
}

// ErrSoftware is returned by New and Check for another program than the one that was
// expected at provisioning, or that opened the polls. The poll workers are told so.
var ErrSoftware = errors.New("the software is not what the station expects")

// checkSoftware compares the running program with the expected one. The error is
// daybook.ErrNoDocument if the station has not been told and has not opened.
func (m *Machine) checkSoftware(tx *database.Tx) error {
	want, err := daybook.Document(tx, keptSoftware)
	if err != nil {
		return err
	}
	if !bytes.Equal(want, m.c.Software[:]) {
		return ErrSoftware
	}
	return nil
}

// keepSoftware expects from now on the program that is running.
func (m *Machine) keepSoftware(tx *database.Tx) error {
	if _, err := daybook.Document(tx, keptSoftware); !errors.Is(err, daybook.ErrNoDocument) {
		return err
	}
	return daybook.Keep(tx, keptSoftware, m.c.Software[:])
}

// checkRoll checks that the voters in the book are exactly those that the
// authority signed.
func (m *Machine) checkRoll(tx *database.Tx) error {
	signature, err := daybook.Document(tx, keptRoll)
	if err != nil {
		return err
	}
	roll, err := record.ParseSigned[record.Roll](signature)
	if err != nil {
		return err
	}
	if roll.Body.Voters, err = voters(tx); err != nil {
		return err
	}
	return record.CheckRoll(m.c.Election, m.c.Station, roll)
}

// voters reads the book in the order of its entries.
func voters(tx *database.Tx) ([]record.Voter, error) {
	rows, err := tx.Query(`SELECT voter FROM {m}.roll ORDER BY entry`)
	if err != nil {
		return nil, fmt.Errorf("reading the roll: %w", err)
	}
	defer rows.Close()
	all := []record.Voter{}
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, fmt.Errorf("reading the roll: %w", err)
		}
		if len(b) != len(record.Voter{}) {
			return nil, fmt.Errorf("reading the roll: a voter of %d bytes", len(b))
		}
		all = append(all, record.Voter(b))
	}
	return all, rows.Err()
}

// Counts returns what the station has counted so far.
func (m *Machine) Counts() (record.Counts, error) {
	var c record.Counts
	err := m.c.DB.View(func(tx *database.Tx) (err error) {
		c, err = counts(tx)
		return err
	})
	return c, err
}

func counts(tx *database.Tx) (record.Counts, error) {
	day, err := daybook.Read(tx)
	if err != nil {
		return record.Counts{}, err
	}
	registered, err := rollbook.Registered(tx)
	if err != nil {
		return record.Counts{}, err
	}
	marked, err := rollbook.Marked(tx)
	if err != nil {
		return record.Counts{}, err
	}
	return record.Counts{
		Registered: uint32(registered), Attendances: uint32(marked),
		Sessions: day.Sessions, Cast: day.Cast, Challenged: day.Challenged, Abandoned: day.Abandoned,
		SlipsPrinted: day.SlipsPrinted, SlipsVoided: day.SlipsVoided,
	}, nil
}

// checkBooks checks that no session is going on and no slip is behind the
// window, that the daybook's sums reconcile with each other, with the roll, and
// with what is in the boxes, and that the boxes are sealed if and only if the
// polls are closed. It is asked at every start and at the close.
func checkBooks(tx *database.Tx) error {
	day, err := daybook.Read(tx)
	if err != nil {
		return err
	}
	if day.InUse || day.Slip != daybook.NoSlip {
		return errors.New("a session is going on")
	}
	c, err := counts(tx)
	if err != nil {
		return err
	}
	if err := checkBoxes(tx, day, c); err != nil {
		return err
	}
	return c.Reconcile()
}

// checkBoxes checks what is in the boxes, and whether they are sealed.
func checkBoxes(tx *database.Tx, day daybook.Day, c record.Counts) error {
	for _, b := range []struct {
		what string
		box  ballotbox.Box
		want uint32
	}{{"cast", ballotbox.Cast, c.Cast}, {"challenged", ballotbox.Challenged, c.Challenged}} {
		n, err := b.box.Count(tx)
		if err != nil {
			return err
		}
		if n != int(b.want) {
			return fmt.Errorf("%d %s ballots in the box, %d counted", n, b.what, b.want)
		}
		sealed, err := b.box.Sealed(tx)
		if err != nil {
			return err
		}
		if closed := day.Phase == daybook.Closed; sealed != closed {
			return fmt.Errorf("box of the %s ballots: sealed is %t, polls closed is %t", b.what, sealed, closed)
		}
	}
	return nil
}
