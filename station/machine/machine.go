// Package machine carries out what package station decides: it joins the
// session's state machine with the station's database, a printer, the window in
// front of the box, and a card reader (docs/spec/station.md, Section 4).
//
// No type but Machine itself reaches a voter and a ballot: the desk knows how
// the voter is marked, the booth knows the ballot, and the two meet in one
// transaction, in castBallot and nowhere else (docs/adr/0013-desk-and-booth.md).
package machine

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/daybook"
	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A Printer prints one page and returns nil only when it is surely printed. Its
// errors should be *PrintError in their chain.
type Printer interface {
	Print(slip.Page) error
}

// A Window holds the slip in front of the voter, and drops it into the box or
// voids it. Doing either with no slip there is not an error: after a power cut nobody
// knows.
type Window interface {
	Drop() error
	Void() error
}

// Config configures a machine. All fields are required but Screen, Call and Log.
type Config struct {
	Election *record.Election
	Station  string
	DB       *database.DB
	Key      crypto.Signer // the station's Ed25519 signing key
	Cards    station.CardCheck
	Printer  Printer
	Window   Window
	Random   io.Reader // cryptographic
	Clock    func() time.Time
	Software record.Hash // SHA-256 of the installed program

	// Screen shows a state, and Call calls a poll worker. Neither may call the
	// machine: it is in the middle of something.
	Screen func(station.State)
	Call   func(station.Fault)

	// Log writes one line of the station's log, durably: docs/spec/station.md,
	// Section 4.10. A line that is not written halts the station. It may not call the machine
	// either.
	Log func(stationlog.Event, ...stationlog.Detail) error
}

// A Machine is one running polling station. It is used by one goroutine.
type Machine struct {
	c        Config
	place    record.Station
	state    station.State
	problem  error // behind the last Fault, for the poll worker
	busy     bool  // effects are being carried out
	unlogged error // a voter's page was not surely printed; note logs it

	zeroBegun bool  // some of a zero tape may be on paper
	noTape    bool  // no closing tape is surely on paper
	owed      *owed // an opened ballot that did not come out

	desk  desk  // knows a voter, and no ballot
	booth booth // knows a ballot, and no voter
}

// New starts a machine on its database, and finishes or undoes what a power cut
// interrupted. Polls that were open come back suspended, until a poll worker
// resumes.
func New(c Config) (*Machine, error) {
	m := &Machine{c: c}
	if err := m.start(); err != nil {
		return nil, fmt.Errorf("starting station %q: %w", c.Station, err)
	}
	m.show()
	return m, nil
}

func (m *Machine) start() error {
	if err := m.checkConfig(); err != nil {
		return err
	}
	if err := m.log(stationlog.MachineStarted); err != nil {
		return err
	}
	day, err := m.checkDatabase()
	if err != nil {
		return err
	}
	err = errors.Join(m.log(stationlog.ElectionLoaded), m.log(stationlog.KindLoaded, stationlog.For(kinds[m.c.Election.Manifest.Kind])))
	if err != nil {
		return err
	}
	if err := m.recover(day); err != nil {
		if errors.Is(err, errWindow) {
			return m.refused(err, stationlog.SlipBoxFailed)
		}
		return err
	}
	if err := m.c.DB.View(checkBooks); err != nil {
		return m.refused(err, stationlog.BooksRefused, stationlog.Books(stationlog.BooksDoNotFit))
	}
	if day.InUse || day.Slip != daybook.NoSlip || day.Phase == daybook.Open {
		// Only now: the line says that what was written is whole.
		if err := m.log(stationlog.PowerCutRecovered); err != nil {
			return err
		}
	}
	switch day.Phase {
	case daybook.Open, daybook.Suspended:
		m.state = station.State{At: station.Suspended}
	case daybook.Closed:
		m.state = station.State{At: station.Closed}
	}
	return nil
}

// checkDatabase refuses a database that is not of this station, or of another
// program.
func (m *Machine) checkDatabase() (daybook.Day, error) {
	day, err := m.day()
	if err != nil {
		return daybook.Day{}, err
	}
	if err := m.checkDay(day); err != nil {
		return daybook.Day{}, m.refused(err, stationlog.BooksRefused, stationlog.Books(stationlog.BooksOfOther))
	}
	switch err := m.c.DB.View(m.checkSoftware); {
	case errors.Is(err, daybook.ErrNoDocument):
		return day, nil // nobody has said which
	case errors.Is(err, ErrSoftware):
		return daybook.Day{}, m.refused(err, stationlog.SoftwareMismatch)
	case err != nil:
		return daybook.Day{}, err
	}
	return day, m.log(stationlog.SoftwareVerified)
}

// checkConfig refuses keys and authorities that are not the manifest's, so that
// a station never opens whose bundle nobody would accept.
func (m *Machine) checkConfig() error {
	c := m.c
	if c.Printer == nil || c.Window == nil || c.Random == nil || c.Clock == nil {
		return errMissing
	}
	return m.checkIdentity()
}

var errMissing = errors.New("a field of the configuration is missing")

func (m *Machine) checkIdentity() error {
	c := m.c
	if c.Election == nil || c.DB == nil || c.Key == nil {
		return errMissing
	}
	place, ok := c.Election.Station(c.Station)
	if !ok {
		return errors.New("the manifest has no such station")
	}
	m.place = place
	key, ok := c.Key.Public().(ed25519.PublicKey)
	if !ok || !bytes.Equal(key, place.Key[:]) {
		return errors.New("the signing key is not the manifest's for this station")
	}
	if c.Cards.Election != c.Election.ID || c.Cards.Station != c.Station {
		return errors.New("cards would be checked for another station or election")
	}
	if err := c.Cards.Validate(); err != nil {
		return err
	}
	var ders [][]byte
	for _, a := range c.Cards.Authorities {
		ders = append(ders, a.Raw)
	}
	_, err := station.Authorities(c.Election.Manifest, ders)
	return err
}

// recover brings paper and database together after a cut.
func (m *Machine) recover(day daybook.Day) error {
	if day.Slip == daybook.SlipCast {
		return m.dropSlip()
	}
	if day.InUse || day.Slip != daybook.NoSlip {
		return m.abandon()
	}
	return nil
}

// State returns where the station is.
func (m *Machine) State() station.State { return m.state }

// Problem returns what is behind the last fault, for the poll worker, or nil.
func (m *Machine) Problem() error { return m.problem }

// Insert puts a card into the reader.
func (m *Machine) Insert(c station.Card) station.State {
	m.desk.card = c
	return m.handle(station.CardInserted{})
}

// Remove takes the card out.
func (m *Machine) Remove() station.State {
	m.desk.card = nil
	return m.handle(station.CardRemoved{})
}

// Choose sets the voter's final selections. Selections that the manifest does
// not allow are an error, and change nothing.
func (m *Machine) Choose(selections []int) (station.State, error) {
	chosen, err := proof.NewSelections(m.c.Election.Manifest.Shape(), selections)
	if err != nil {
		return m.state, err
	}
	if m.state.At == station.Choosing {
		m.booth.chosen = &chosen
	}
	return m.handle(station.ChoicesMade{}), nil
}

// Handle takes CastChosen, ChallengeChosen and SessionTimedOut. Every other event
// has a method of its own here, or answers an effect; a program that feeds one is
// wrong, and goes no further.
func (m *Machine) Handle(e station.Event) station.State {
	switch e.(type) {
	case station.CastChosen, station.ChallengeChosen, station.SessionTimedOut:
		return m.handle(e)
	}
	panic(fmt.Sprintf("machine: internal error: %T given to Handle", e))
}

// handle takes an event through the state machine, carries out the effects, and
// so on with the events that answer them.
func (m *Machine) handle(e station.Event) station.State {
	if m.busy {
		panic("machine: internal error: an event in the middle of another one's effects")
	}
	m.busy = true
	defer func() { m.busy = false }()
	before := m.state
	m.step(e)
	if err := m.note(before); err != nil {
		before = m.state
		m.step(m.failed(err))
		m.note(before) // the log is what failed: if this fails too, the screen still says it
	}
	return m.state
}

// step takes an event, and all that answer its effects.
func (m *Machine) step(e station.Event) {
	for e != nil {
		var effects []station.Effect
		m.state, effects = station.Step(m.state, e)
		e = m.carryOut(effects)
	}
}

// carryOut does the effects in order until one is answered by an event.
func (m *Machine) carryOut(effects []station.Effect) station.Event {
	for _, f := range effects {
		if answer := m.do(f); answer != nil {
			return answer
		}
	}
	return nil
}

func (m *Machine) do(f station.Effect) station.Event {
	switch f {
	case station.CheckCard:
		return m.checkCard()
	case station.MakeBallot:
		return m.makeBallot()
	case station.PrintPapers:
		return m.printPapers()
	case station.CastBallot:
		return m.stored(m.castBallot(), station.BallotCast{})
	case station.OpenBallot:
		return m.openBallot()
	case station.DropSlip:
		return m.stored(m.dropSlip(), station.SlipDropped{})
	case station.VoidSlip:
		return m.stored(m.voidSlip(), station.SlipVoided{})
	case station.BeginSession:
		return m.stored(m.change(func(d *daybook.Day) { d.Sessions, d.InUse = d.Sessions+1, true }), nil)
	case station.Abandon:
		return m.stored(m.abandon(), nil)
	case station.Forget:
		m.forget()
	case station.ShowScreen:
		m.show()
	case station.CallWorker:
		if m.c.Call != nil {
			m.c.Call(m.state.Fault)
		}
	}
	return nil
}

// stored turns the outcome of an effect into its event.
func (m *Machine) stored(err error, done station.Event) station.Event {
	switch {
	case err == nil:
		return done
	case errors.Is(err, errWindow):
		m.problem = err
		return station.SlipStuck{}
	}
	m.problem = err
	return station.StorageFailed{}
}

// forget lets go of what belongs to one voter. Go's collector decides when that
// memory is used again; nothing of it was ever written or logged.
func (m *Machine) forget() {
	m.booth = booth{}
	if m.state.At != station.Voiding {
		m.desk.mark = nil // a voter who challenged votes on in the same session
	}
}

func (m *Machine) show() {
	if m.c.Screen != nil {
		m.c.Screen(m.state)
	}
}

func (m *Machine) day() (daybook.Day, error) {
	var day daybook.Day
	err := m.c.DB.View(func(tx *database.Tx) (err error) {
		day, err = daybook.Read(tx)
		return err
	})
	return day, err
}

func (m *Machine) change(f func(*daybook.Day)) error {
	return m.c.DB.Update(func(tx *database.Tx) error { return changeDay(tx, f) })
}

func changeDay(tx *database.Tx, f func(*daybook.Day)) error {
	return daybook.Change(tx, func(d *daybook.Day) error {
		f(d)
		return nil
	})
}
