package kiosk

import (
	"errors"
	"io"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// Options are what the program gives a kiosk beside its configuration. The
// zero value of each field is documented.
type Options struct {
	// Passphrase asks a person for the passphrase of the station's key. It is
	// called once, and only where the key is not in a TPM. If nil, such a key
	// is ErrPassphrase.
	Passphrase func() (string, error)

	// Software is the SHA-256 of the running program.
	Software record.Hash

	// Built is when the program was built. If zero, a clock that is before that
	// is not noticed.
	Built time.Time

	// Clock is the machine's clock. If nil, it is time.Now.
	Clock func() time.Time

	// Random is cryptographic. If nil, it is crypto/rand.Reader.
	Random io.Reader

	// AfterFunc calls a function in a goroutine after a time, unless it is stopped
	// before. If nil, it is that of package time.
	AfterFunc func(time.Duration, func()) (stop func())

	// CheckVoice looks for the self test at what reads the screens aloud, where it
	// is open already. If nil, it is voice.Check of the configuration.
	CheckVoice func() error

	// Show is called whenever the View has changed. It may not call the Kiosk.
	Show func(View)
}

// A Kiosk is a running station with its devices. All its methods are called
// from one goroutine, the front end's, which also takes from Events and gives
// what it took to Handle.
type Kiosk struct {
	config   *Config
	options  Options
	election *record.Election
	place    record.Station
	key      provisioning.SecretKey
	cards    station.CardCheck
	voter    *eid.Profile
	official *eid.Profile

	db      *database.DB
	log     *logbook.Book
	logged  time.Time // the hour of the last line before this start, or zero
	machine *machine.Machine

	reader *eid.Reader
	panel  *panel.Panel
	paper  *paper

	events chan Event
	done   chan struct{}

	noCard   bool     // the session's voter was identified by poll workers
	patience patience // with a voter who does nothing

	view View
	card *eid.Card // in the reader, and its holder is asked for a PIN
	act  *act      // what poll workers are doing
}

// write adds a line to the station's log.
func (k *Kiosk) write(e stationlog.Event, details ...stationlog.Detail) error {
	if k.log == nil {
		return nil // a self test, or a start that came not so far
	}
	return k.log.Write(k.options.Clock(), e, details...)
}

// Close closes everything and leaves the devices in their safe state. It is
// called once, also after an error of Start.
func (k *Kiosk) Close() error {
	close(k.done)
	k.patience.stop()
	var errs []error
	if k.card != nil {
		errs = append(errs, k.card.Close())
	}
	if k.machine != nil {
		errs = append(errs, k.write(stationlog.MachineStopped))
	}
	if k.reader != nil {
		errs = append(errs, k.reader.Close())
	}
	if k.paper != nil {
		for _, p := range []*printer.Printer{k.paper.slips, k.paper.receipts} {
			if p != nil {
				errs = append(errs, p.Close())
			}
		}
	}
	if k.panel != nil {
		errs = append(errs, k.panel.Close())
	}
	if k.db != nil {
		errs = append(errs, k.db.Close())
	}
	if k.log != nil {
		errs = append(errs, k.log.Close())
	}
	return errors.Join(errs...)
}

// Election returns the election of the kiosk's package.
func (k *Kiosk) Election() *record.Election { return k.election }

// Place returns the station.
func (k *Kiosk) Place() record.Station { return k.place }

// Counts returns what the station has counted so far.
func (k *Kiosk) Counts() (record.Counts, error) { return k.machine.Counts() }
