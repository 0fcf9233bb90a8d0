package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A Finding is one line of the readiness report.
type Finding struct {
	Part   string // such as "slip printer"
	OK     bool
	Notice // What was found; if it is not OK, its Code, and what to Do
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
	t.find("election", "bring the folder that ceremony station package made for this station", t.election)
	if t.k.election == nil {
		return t.report // whether virtual devices may be used is not known
	}
	if t.running() {
		t.find("program", "test before kiosk runs, or end it with quit first", func() (string, error) { return "", errRuns })
		return t.report // every device would seem to be away
	}
	heard := t.checkVoice()
	t.find("key", "bring the key that was made for this station", t.key)
	t.find("package", "bring the folder that was made for this station's key; see ceremony station check", t.packed)
	t.find("card reader", "plug the reader in; technicians: pcscd must run", t.cardReader)
	t.find("slip printer", "look at paper, cover and cable of the printer behind the window", func() (string, error) { return onePrinter(stationlog.Printer, c.SlipPrinter) })
	t.find("receipt printer", "look at paper, cover and cable of the printer in front", func() (string, error) { return onePrinter(stationlog.FrontPrinter, c.ReceiptPrinter) })
	t.find("panel", "look at doors, covers and the panel's cable; take paper out of the window if no vote has begun; later, kiosk run moves it", t.panel)
	t.find("database", "docs/operators/station.md, Section 5, says what each of these means", t.database)
	t.find("media", "technicians: media.mountAt is an empty folder, media.fileSystems what may be mounted there", t.media)
	t.find("clock", "two poll workers set the clock together; voting is possible all the same", t.clock)
	if c.Voice != nil {
		t.find("voice", doVoice, func() (string, error) { return "speaks every language", <-heard })
	}
	t.find("log", "keep the machine as it is and call for help", t.log)
	return t.report
}

// String is one line for people.
func (f Finding) String() string {
	if f.OK {
		return f.Part + ": " + f.What
	}
	return f.Part + ": not ready: " + f.What + "; do: " + f.Do
}

var errRuns = mark(logbook.ErrInUse, errors.New("kiosk runs on this machine: it has the devices"))

// errPaperStands is found before the polls open, when no slip is waited for.
var errPaperStands = mark(errWindow, errors.New("paper stands in the window"))

// running reports whether another program has the log locked, without changing
// anything.
func (t *selfTest) running() bool {
	f, err := os.Open(t.c.LogPaths()[0])
	if err != nil {
		return false // told by what needs it
	}
	defer f.Close()
	return errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// selfTest is a self test that is going on.
type selfTest struct {
	c      *Config
	o      Options
	p      *provisioning.StationPackage // nil: not read
	opened bool                         // the key
	k      Kiosk                        // for what its methods know; never started
	report []Finding
}

func (t *selfTest) find(part, do string, look func() (string, error)) {
	what, err := look()
	if err != nil {
		n := Explain(err)
		if n.Do == "" {
			n.Do = do
		}
		n.Grave = part != "clock" && part != "voice"
		t.report = append(t.report, Finding{Part: part, Notice: n})
		return
	}
	t.report = append(t.report, Finding{Part: part, OK: true, Notice: Notice{What: what}})
}

func (t *selfTest) election() (string, error) {
	t.k = Kiosk{config: t.c, options: t.o}
	if err := t.k.readElection(); err != nil {
		return "", err
	}
	if _, ok := t.k.election.Station(t.c.Station); !ok {
		return "", mark(errPackage, fmt.Errorf("the manifest has no station %q", t.c.Station))
	}
	return fmt.Sprintf("%s, %s", t.k.election.Manifest.Kind, t.c.Station), nil
}

func (t *selfTest) key() (string, error) {
	if err := t.k.openKey(); err != nil {
		return "", err
	}
	t.opened = true
	if t.c.Key.TPM != "" {
		return "sealed by the TPM, and opened", nil
	}
	return "under a passphrase, and opened", nil
}

// errVoice is found where nothing would be heard.
var errVoice = errors.New("nothing is read aloud")

// doVoice is what people do about it: it stops no vote.
const doVoice = "look at the headphones and their plug; voting is possible all the same, but not by ear"

// checkVoice lets the voice speak without sound while the other parts are looked
// at: what is said takes its time.
func (t *selfTest) checkVoice() <-chan error {
	heard := make(chan error, 1)
	if t.c.Voice == nil {
		return heard
	}
	check := t.o.CheckVoice
	if check == nil {
		check = func() error { return voice.Check(t.c.VoiceConfig()) }
	}
	go func() { heard <- mark(errVoice, check()) }()
	return heard
}

// errNoKey is found where a part cannot be looked at.
var errNoKey = errors.New("not looked at: first the key")

func (t *selfTest) packed() (string, error) {
	if !t.opened {
		return "", errNoKey
	}
	if err := t.k.readPackage(); err != nil {
		return "", err
	}
	p, err := provisioning.ReadPackage(durable.RegularFiles(t.c.Package), t.c.Station, t.k.key.Public())
	if err != nil {
		return "", err
	}
	t.p = p
	if len(p.Unlisted()) > 0 {
		return "", mark(errPackage, fmt.Errorf("no revocation list of %s: the station would take its revoked cards", strings.Join(p.Unlisted(), ", ")))
	}
	return fmt.Sprintf("%d voters", len(p.Roll.Body.Voters)), nil
}

func (t *selfTest) cardReader() (string, error) {
	// A module is loaded with the first card only: that it is there is seen now.
	for _, profile := range []json.RawMessage{t.c.Reader.Voter, t.c.Reader.Official} {
		p, err := parseProfile(profile)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(p.Module); p.Module != "" && err != nil {
			return "", fmt.Errorf("the cards' PKCS #11 module: %w", err)
		}
	}
	r, err := eid.Open(eid.Config{Readers: t.c.Reader.Names, Virtual: virtual(t.k.election.Manifest)})
	if err != nil {
		return "", err
	}
	return r.Name(), r.Close()
}

func onePrinter(part stationlog.Part, c Printer) (what string, err error) {
	defer func() { err = ofPrinter(part, err) }()
	p, err := printer.Open(c.config())
	if err != nil {
		return "", err
	}
	s, err := p.Status()
	err = errors.Join(err, p.Close())
	if !s.Ready && s.Fault != printer.NoFault {
		return "", &printer.Error{Fault: s.Fault, Err: err}
	}
	if err != nil {
		return "", err
	}
	if s.PaperLow {
		return "ready; the paper is nearly used up: change it before the polls open", nil
	}
	return "ready", nil
}

func (t *selfTest) panel() (string, error) {
	if t.c.Panel.Bench != "" && !virtual(t.k.election.Manifest) {
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
		return "", &switchError{open}
	}
	if there {
		return "", errPaperStands
	}
	return "doors and covers are closed, the window is empty", nil
}

// database opens both copies, which compares them row by row, and has the
// machine look at what is in them.
func (t *selfTest) database() (string, error) {
	if t.c.unprovisioned() {
		return "", errUnprovisioned
	}
	if !virtual(t.k.election.Manifest) {
		if err := media.Distinct(t.c.Folders[0], t.c.Folders[1]); err != nil {
			return "", err
		}
	}
	db, err := openDatabase(t.c)
	if err != nil {
		return "", err
	}
	if t.p == nil {
		return "", errors.Join(errors.New("both copies are equal; what is in them was not looked at: first key and package"), db.Close())
	}
	problems := machine.Check(machine.Config{
		Election: t.p.Election, Station: t.c.Station, DB: db, Key: t.k.key.Signer(), Cards: t.k.cards, Software: t.o.Software,
	})
	if err := errors.Join(append(problems, db.Close())...); err != nil {
		return "", err
	}
	return "both copies are equal; roll, boxes and program are as they should be", nil
}

// errUnprovisioned is found before kiosk provision, and when both folders are
// other ones than then.
var errUnprovisioned = errors.New("this machine was not provisioned: nothing is in its folders")

// unprovisioned reports whether neither database nor log is there.
func (c *Config) unprovisioned() bool {
	files := c.DatabaseConfig()
	for _, path := range append([]string{files.Main, files.Mirror}, c.LogPaths()[0], c.LogPaths()[1]) {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			return false
		}
	}
	return true
}

// media looks at the folder where media are mounted: on the evening it would be
// late.
func (t *selfTest) media() (string, error) {
	entries, err := os.ReadDir(t.c.Media.MountAt)
	if errors.Is(err, os.ErrNotExist) && virtual(t.k.election.Manifest) {
		return "folders only: media.mountAt is not there", nil
	}
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s is not empty", t.c.Media.MountAt)
	}
	if len(t.c.Media.FileSystems) == 0 && !virtual(t.k.election.Manifest) {
		return "", errors.New("media.fileSystems names no file system")
	}
	return "they can be mounted", nil
}

// log opens both copies, and writes what was found before.
func (t *selfTest) log() (string, error) {
	if t.c.unprovisioned() {
		return "", errUnprovisioned
	}
	if _, err := os.Lstat(t.c.LogPaths()[0]); err != nil {
		return "", err // lost since the machine was provisioned; opening would make a new one
	}
	book, err := logbook.Open(t.c.LogPaths(), t.k.election.ID, t.c.Station)
	if err != nil {
		return "", err
	}
	n := book.Len()
	err = errors.Join(beginLog(book, t.o.Clock()), t.logFindings(book), book.Close())
	return fmt.Sprintf("both copies are equal; entries: %d", n), err
}

// logged is what the log calls the parts.
var logged = map[string]stationlog.Part{
	"card reader": stationlog.CardReader, "slip printer": stationlog.Printer, "receipt printer": stationlog.FrontPrinter, "panel": stationlog.Panel,
	"database": stationlog.Storage, "clock": stationlog.SystemClock, "key": stationlog.KeyStore, "media": stationlog.RemovableMedia,
}

// logFindings writes what the log has words for. It has none for the voice, which is
// a help and no part of the vote.
func (t *selfTest) logFindings(book *logbook.Book) error {
	if Ready(slices.DeleteFunc(slices.Clone(t.report), func(f Finding) bool { return f.Part == "voice" })) {
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
	log, err := logbook.Read(t.c.LogPaths(), t.k.election.ID, t.c.Station)
	if err != nil {
		log.Entries = nil // what is wrong with the log is said of the log
	}
	if err := station.CheckClock(t.o.Clock(), t.o.Built, lastHour(log.Entries), t.k.election.Manifest); err != nil {
		return "", err
	}
	return t.o.Clock().UTC().Format("2006-01-02 15:04 UTC"), nil
}
