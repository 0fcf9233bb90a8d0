package kiosk

import (
	"crypto/rand"
	"errors"
	"fmt"
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

// Start opens everything and starts the station's machine. What it has opened
// is closed again when it fails.
func Start(c *Config, o Options) (*Kiosk, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.AfterFunc == nil {
		o.AfterFunc = func(d time.Duration, f func()) func() {
			t := time.AfterFunc(d, f)
			return func() { t.Stop() }
		}
	}
	k := &Kiosk{config: c, options: o, events: make(chan Event, 16), done: make(chan struct{})}
	for _, open := range []func() error{k.readElection, k.provisioned, k.openLog, k.openKey, k.readPackage, k.openDevices, k.openBooks, k.startMachine} {
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

// readElection reads what the package is about: without that, not even a log
// can be opened.
func (k *Kiosk) readElection() (err error) {
	k.election, err = record.ReadElection(durable.RegularFiles(k.config.Package))
	return mark(errPackage, err)
}

// provisioned refuses a machine on which nothing is: opening would begin a log.
func (k *Kiosk) provisioned() error {
	if k.config.unprovisioned() {
		return errUnprovisioned
	}
	return nil
}

func (k *Kiosk) openLog() (err error) {
	if k.log, err = logbook.Open(k.config.LogPaths(), k.election.ID, k.config.Station); err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	k.logged = lastHour(k.log.Entries())
	return beginLog(k.log, k.options.Clock())
}

// lastHour returns the hour of the last line of a log, or zero.
func lastHour(entries []stationlog.Entry) time.Time {
	if len(entries) == 0 {
		return time.Time{}
	}
	return entries[len(entries)-1].Hour.Time()
}

// beginLog writes what the opening of a log has to say: that it is new, or that
// a power cut was mended.
func beginLog(b *logbook.Book, now time.Time) error {
	if b.Len() == 0 {
		return b.Write(now, stationlog.LogStarted)
	}
	if which, mended := b.Mended(); mended {
		return b.Write(now, stationlog.LogMended, stationlog.On(folders[which]))
	}
	return nil
}

// openKey opens the station's key, and logs how it was guarded.
func (k *Kiosk) openKey() (err error) {
	seal := stationlog.Passphrase
	if k.config.Key.TPM != "" {
		seal = stationlog.TPM
	}
	if k.key, err = k.config.openKey(virtual(k.election.Manifest), k.options.Passphrase); err != nil {
		return errors.Join(fmt.Errorf("opening the station's key: %w", err), k.write(stationlog.KeyNotUnsealed, stationlog.Sealed(sealError(err))))
	}
	return k.write(stationlog.KeyUnsealed, stationlog.Under(seal))
}

// readPackage reads the whole package, which belongs to the key.
func (k *Kiosk) readPackage() error {
	p, err := provisioning.ReadPackage(durable.RegularFiles(k.config.Package), k.config.Station, k.key.Public())
	if err == nil {
		k.place = p.Station
		k.cards, err = k.cardCheck(p)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("reading the package: %w", mark(errPackage, err)), k.write(stationlog.ElectionRefused))
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

// openDevices opens all of them; the log names the one that is missing.
func (k *Kiosk) openDevices() error {
	for _, d := range []struct {
		part stationlog.Part
		name string
		open func() error
	}{
		{stationlog.Panel, "panel", k.openPanel},
		{stationlog.CardReader, "card reader", k.openReader},
		{stationlog.Printer, "slip printer", k.openSlipPrinter},
		{stationlog.FrontPrinter, "receipt printer", k.openReceiptPrinter},
	} {
		if err := d.open(); err != nil {
			return errors.Join(fmt.Errorf("opening the %s: %w", d.name, err), k.write(stationlog.DeviceRefused, stationlog.Of(d.part)))
		}
	}
	return nil
}

func (k *Kiosk) openPanel() error {
	if k.config.Panel.Bench != "" && !virtual(k.election.Manifest) {
		return ErrVirtual
	}
	lines, err := k.config.Panel.lines()
	if err != nil {
		return err
	}
	if k.panel, err = panel.New(panel.Config{Lines: lines}); err != nil {
		return errors.Join(err, lines.Close())
	}
	k.paper = &paper{manifest: k.election.Manifest, renderer: raster.New(), panel: k.panel}
	return nil
}

func (k *Kiosk) openReader() (err error) {
	k.reader, err = eid.Open(eid.Config{Readers: k.config.Reader.Names, Virtual: virtual(k.election.Manifest)})
	return err
}

func (k *Kiosk) openSlipPrinter() (err error) {
	k.paper.slips, err = printer.Open(k.config.SlipPrinter.config())
	return ofPrinter(stationlog.Printer, err)
}

func (k *Kiosk) openReceiptPrinter() (err error) {
	k.paper.receipts, err = printer.Open(k.config.ReceiptPrinter.config())
	return ofPrinter(stationlog.FrontPrinter, err)
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

func (k *Kiosk) openBooks() (err error) {
	if k.db, err = openDatabase(k.config); err != nil {
		return errors.Join(err, k.write(stationlog.BooksRefused, stationlog.Books(booksError(err))))
	}
	return k.write(stationlog.BooksOpened)
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
