package kiosk

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A Finding is one line of the readiness report.
type Finding struct {
	Part string // such as "slip printer"
	OK   bool
	What string // what was found
	Do   string // what to do, if it is not OK
}

// Ready reports whether everything was found to be in order.
func Ready(report []Finding) bool {
	for _, f := range report {
		if !f.OK {
			return false
		}
	}
	return true
}

// SelfTest looks at every part of the machine on its own, so that one that
// fails hides no other. It prints nothing, moves nothing, and changes nothing but
// the log, which has its outcome.
func SelfTest(c *Config, o Options) []Finding {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	t := selfTest{c: c, o: o}
	t.find("election and key", "bring the folder and the key that were made for this station; see ceremony station check", t.election)
	if t.p == nil {
		return t.report // whether virtual devices may be used is not known
	}
	t.find("card reader", "plug the reader in; see that pcscd runs; only the readers of the configuration are taken", t.cardReader)
	t.find("slip printer", "look at paper, cover and cable of the printer behind the window", func() (string, error) { return onePrinter(c.SlipPrinter) })
	t.find("receipt printer", "look at paper, cover and cable of the printer in front", func() (string, error) { return onePrinter(c.ReceiptPrinter) })
	t.find("panel", "look at doors, covers and the panel's cable; take paper out of the window", t.panel)
	t.find("database", "see docs/operators/station.md, Section 5", t.database)
	t.find("clock", "two poll workers set the clock together; voting is possible all the same", t.clock)
	t.find("log", "keep the machine as it is and call for help", t.log)
	return t.report
}

// selfTest is a self test that is going on.
type selfTest struct {
	c      *Config
	o      Options
	p      *provisioning.StationPackage
	key    provisioning.SecretKey
	k      Kiosk // for what its methods know; never started
	report []Finding
}

func (t *selfTest) find(part, do string, look func() (string, error)) {
	what, err := look()
	if err != nil {
		t.report = append(t.report, Finding{Part: part, What: err.Error(), Do: do})
		return
	}
	t.report = append(t.report, Finding{Part: part, OK: true, What: what})
}

func (t *selfTest) election() (string, error) {
	t.k = Kiosk{config: t.c, options: t.o}
	for _, read := range []func() error{t.k.readElection, t.k.openKey, t.k.readPackage} {
		if err := read(); err != nil {
			return "", err
		}
	}
	p, err := provisioning.ReadPackage(durable.RegularFiles(t.c.Package), t.c.Station, t.k.key.Public())
	if err != nil {
		return "", err
	}
	if len(p.Unlisted()) > 0 {
		return "", fmt.Errorf("no revocation list of %s: the station would take its revoked cards", strings.Join(p.Unlisted(), ", "))
	}
	t.p, t.key = p, t.k.key
	return fmt.Sprintf("%s, %s, %d voters", p.Election.Manifest.Kind, t.c.Station, len(p.Roll.Body.Voters)), nil
}

func (t *selfTest) cardReader() (string, error) {
	r, err := eid.Open(eid.Config{Readers: t.c.Reader.Names, Virtual: virtual(t.p.Election.Manifest)})
	if err != nil {
		return "", err
	}
	return r.Name(), r.Close()
}

func onePrinter(c Printer) (string, error) {
	p, err := printer.Open(c.config())
	if err != nil {
		return "", err
	}
	s, err := p.Status()
	if err := errors.Join(err, p.Close()); err != nil {
		return "", err
	}
	if !s.Ready {
		return "", errors.New(s.Fault.String())
	}
	if s.PaperLow {
		return "ready; the paper is nearly used up: change it before the polls open", nil
	}
	return "ready", nil
}

func (t *selfTest) panel() (string, error) {
	if t.c.Panel.Bench != "" && !virtual(t.p.Election.Manifest) {
		return "", ErrVirtual
	}
	lines, err := t.c.Panel.lines()
	if err != nil {
		return "", err
	}
	p, err := panel.New(panel.Config{Lines: lines})
	if err != nil {
		return "", errors.Join(err, lines.Close())
	}
	there, err := p.SlipPresent()
	open := p.Latched()
	if err := errors.Join(err, p.Close()); err != nil {
		return "", err
	}
	if len(open) > 0 {
		return "", fmt.Errorf("open: %v", open)
	}
	if there {
		return "paper stands in the window", nil
	}
	return "doors and covers are closed, the window is empty", nil
}

// database opens both copies, which compares them row by row, and has the
// machine look at what is in them.
func (t *selfTest) database() (string, error) {
	db, err := openDatabase(t.c)
	if err != nil {
		return "", err
	}
	problems := machine.Check(machine.Config{
		Election: t.p.Election, Station: t.c.Station, DB: db, Key: t.key.Signer(), Cards: t.k.cards, Software: t.o.Software,
	})
	if err := errors.Join(append(problems, db.Close())...); err != nil {
		return "", err
	}
	return "both copies are equal; roll, boxes and program are as they should be", nil
}

// log opens both copies, and writes what was found before.
func (t *selfTest) log() (string, error) {
	if _, err := os.Lstat(t.c.LogPaths()[0]); err != nil {
		return "", err // lost since the machine was provisioned; opening would make a new one
	}
	book, err := logbook.Open(t.c.LogPaths(), t.p.Election.ID, t.c.Station)
	if err != nil {
		return "", err
	}
	n := book.Len()
	err = errors.Join(t.logFindings(book), book.Close())
	return fmt.Sprintf("%d entries, both copies are equal", n), err
}

// logged is what the log calls the parts.
var logged = map[string]stationlog.Part{
	"card reader": stationlog.CardReader, "slip printer": stationlog.Printer, "receipt printer": stationlog.FrontPrinter, "panel": stationlog.Panel,
	"database": stationlog.Storage, "clock": stationlog.SystemClock,
}

func (t *selfTest) logFindings(book *logbook.Book) error {
	if Ready(t.report) {
		return book.Write(t.o.Clock(), stationlog.SelfTestPassed)
	}
	var errs []error
	for _, f := range t.report {
		if part, known := logged[f.Part]; known && !f.OK {
			errs = append(errs, book.Write(t.o.Clock(), stationlog.SelfTestFailed, stationlog.Of(part)))
		}
	}
	return errors.Join(errs...)
}

func (t *selfTest) clock() (string, error) {
	if err := station.CheckClock(t.o.Clock(), t.o.Built, time.Time{}, t.p.Election.Manifest); err != nil {
		return "", err
	}
	return t.o.Clock().UTC().Format("2006-01-02 15:04 UTC"), nil
}
