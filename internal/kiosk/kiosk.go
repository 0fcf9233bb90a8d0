package kiosk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/slip/raster"
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
	machine *machine.Machine

	reader *eid.Reader
	panel  *panel.Panel
	paper  *paper

	events chan Event
	done   chan struct{}
	limit  *time.Timer

	view View
	card *eid.Card // in the reader, and its holder is asked for a PIN
	act  *act      // what poll workers are doing
}

// Start opens everything and starts the station's machine. What it has opened
// is closed again when it fails.
func Start(c *Config, o Options) (*Kiosk, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	k := &Kiosk{config: c, options: o, events: make(chan Event, 16), done: make(chan struct{})}
	for _, open := range []func() error{k.openElection, k.openDevices, k.openBooks, k.startMachine} {
		if err := open(); err != nil {
			return nil, errors.Join(fmt.Errorf("starting the kiosk: %w", err), k.Close())
		}
	}
	k.listen()
	k.noticeClock()
	k.light()
	k.show()
	return k, nil
}

// Virtual reports whether virtual devices are accepted: never when the vote is
// live.
func virtual(m *record.Manifest) bool { return m.Kind != record.Live }

// openElection reads the package and the key that belongs to it.
func (k *Kiosk) openElection() error {
	e, err := record.ReadElection(durable.RegularFiles(k.config.Package))
	if err != nil {
		return err
	}
	if k.key, err = k.config.openKey(virtual(e.Manifest), k.options.Passphrase); err != nil {
		return fmt.Errorf("opening the station's key: %w", err)
	}
	p, err := provisioning.ReadPackage(durable.RegularFiles(k.config.Package), k.config.Station, k.key.Public())
	if err != nil {
		return fmt.Errorf("reading the package: %w", err)
	}
	k.election, k.place = p.Election, p.Station
	if k.cards, err = k.cardCheck(p); err != nil {
		return err
	}
	return nil
}

// cardCheck says which cards are taken: those of the manifest's authorities,
// as far as the voters' profile allows.
func (k *Kiosk) cardCheck(p *provisioning.StationPackage) (station.CardCheck, error) {
	var err error
	if k.voter, err = parseProfile(k.config.Reader.Voter); err != nil {
		return station.CardCheck{}, err
	}
	if k.official, err = parseProfile(k.config.Reader.Official); err != nil {
		return station.CardCheck{}, err
	}
	check := station.CardCheck{
		Election: p.Election.ID, Station: k.config.Station, Revoked: map[string]bool{}, Tolerance: k.config.clockTolerance(),
		Naming: station.Naming{Attribute: k.voter.Holder.Attribute, Prefix: k.voter.Holder.Prefix}, KeyTypes: k.voter.KeyTypes,
	}
	if check.Authorities, err = station.Authorities(p.Election.Manifest, p.Authorities); err != nil {
		return check, err
	}
	for _, list := range p.RevocationLists {
		if err := addRevoked(check, list); err != nil {
			return check, err
		}
	}
	return check, nil
}

// addRevoked reads a revocation list, which one of the authorities signed.
func addRevoked(check station.CardCheck, list []byte) error {
	var last error
	for _, authority := range check.Authorities {
		serials, err := station.RevokedSerials(list, authority)
		if err != nil {
			last = err
			continue
		}
		for serial := range serials {
			check.Revoked[serial] = true
		}
		return nil
	}
	return fmt.Errorf("reading a revocation list: %w", last)
}

func (k *Kiosk) openDevices() error {
	c, may := k.config, virtual(k.election.Manifest)
	if c.Panel.Bench != "" && !may {
		return ErrVirtual
	}
	var err error
	if k.reader, err = eid.Open(eid.Config{Readers: c.Reader.Names, Virtual: may}); err != nil {
		return fmt.Errorf("opening the card reader: %w", err)
	}
	lines, err := c.Panel.lines()
	if err != nil {
		return fmt.Errorf("opening the panel: %w", err)
	}
	if k.panel, err = panel.New(panel.Config{Lines: lines}); err != nil {
		return errors.Join(fmt.Errorf("opening the panel: %w", err), lines.Close())
	}
	k.paper = &paper{manifest: k.election.Manifest, renderer: raster.New(), panel: k.panel}
	if k.paper.slips, err = printer.Open(c.SlipPrinter.config()); err != nil {
		return fmt.Errorf("opening the slip printer: %w", err)
	}
	if k.paper.receipts, err = printer.Open(c.ReceiptPrinter.config()); err != nil {
		return fmt.Errorf("opening the receipt printer: %w", err)
	}
	return nil
}

// ErrVirtual is returned for a bench in the place of the panel's pins when the
// vote is live.
var ErrVirtual = errors.New("a live vote takes no virtual device")

// Names of the files in each of the two folders, and of those of an exported
// log.
const (
	databaseFile = "station.db"
	LogFile      = "station.log"
	LogHeadFile  = "station.log.head"
)

// DatabaseConfig says where the two copies of the station's database are.
func (c *Config) DatabaseConfig() database.Config {
	return database.Config{Main: filepath.Join(c.Folders[0], databaseFile), Mirror: filepath.Join(c.Folders[1], databaseFile)}
}

// LogPaths says where the two copies of the station's log are.
func (c *Config) LogPaths() [2]string {
	return [2]string{filepath.Join(c.Folders[0], LogFile), filepath.Join(c.Folders[1], LogFile)}
}

func (k *Kiosk) openBooks() error {
	var err error
	if k.log, err = logbook.Open(k.config.LogPaths(), k.election.ID, k.config.Station); err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	if err := beginLog(k.log, k.options.Clock()); err != nil {
		return err
	}
	if k.db, err = database.Open(k.config.DatabaseConfig()); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	return nil
}

// beginLog writes what the opening of a log has to say: that it is new, or that
// a power cut was mended.
func beginLog(b *logbook.Book, now time.Time) error {
	if b.Len() == 0 {
		return b.Write(now, stationlog.LogStarted)
	}
	if which, mended := b.Mended(); mended {
		return b.Write(now, stationlog.LogMended, stationlog.On([]stationlog.Medium{stationlog.Internal, stationlog.Mirror}[which]))
	}
	return nil
}

func (k *Kiosk) startMachine() error {
	m, err := machine.New(machine.Config{
		Election: k.election, Station: k.config.Station, DB: k.db, Key: k.key.Signer(), Cards: k.cards, Printer: k.paper, Window: k.paper,
		Random: k.options.Random, Clock: k.options.Clock, Software: k.options.Software, Log: k.write,
		Screen: func(s station.State) { k.view.State = s; k.light(); k.show() },
	})
	if err != nil {
		return err
	}
	k.machine, k.view.State = m, m.State()
	return nil
}

// write adds a line to the station's log.
func (k *Kiosk) write(e stationlog.Event, details ...stationlog.Detail) error {
	return k.log.Write(k.options.Clock(), e, details...)
}

// Close closes everything and leaves the devices in their safe state. It is
// called once, also after an error of Start.
func (k *Kiosk) Close() error {
	close(k.done)
	if k.limit != nil {
		k.limit.Stop()
	}
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
