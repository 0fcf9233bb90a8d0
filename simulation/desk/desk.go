// Package desk is a kiosk on a desk, for whoever wants to try it: the real
// program as a process of its own, with emulated devices that a person works by
// hand, and an election of today whose secrets are no secrets. It is a
// rehearsal, which every screen and paper says; a live vote takes no emulated
// device.
//
// It draws nothing: cmd/desk shows its View in a window and calls its methods.
package desk

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/openreferendum/referendum/hardware/boothtest"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/internal/kiosk"
)

// Config says where a desk is and which program it tries.
type Config struct {
	// Dir is a folder that does not exist, or is empty.
	Dir string

	// Program is the kiosk, and Arguments what follows its configuration, such as
	// --window 1024x768.
	Program   string
	Arguments []string

	// Input is typed at the kiosk's console; nil: nothing.
	Input io.Reader

	// Output takes what the kiosk prints. If nil, it is dropped.
	Output io.Writer

	// Paced lets paper come out as slowly as a real printer's.
	Paced bool
}

const none = -1

// A Desk is the devices and the program. Its methods may be called from any
// goroutine.
type Desk struct {
	config   Config
	election *election
	kiosk    *kiosk.Config
	booth    *boothtest.Booth
	faults   []Fault

	hands   sync.Mutex // a person does one thing at a time; guards in, cards, program
	in      int        // the card in the reader, or none
	cards   []card
	program *program

	mu      sync.Mutex // guards what follows
	wrong   []bool     // by fault
	voted   []bool     // by card: a slip fell into the box while it was in
	front   []printertest.Piece
	status  *int // of the program that has ended
	closing bool

	changed chan struct{}
}

// New sets election, devices and machine up. The kiosk is started by Start. Its
// error is os.ErrExist where something is in the folder already.
func New(c Config) (*Desk, error) {
	if c.Output == nil {
		c.Output = io.Discard
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Dir = dir
	if err := emptyFolder(dir); err != nil {
		return nil, err
	}
	d := &Desk{config: c, in: none, faults: faults(), changed: make(chan struct{}, 1)}
	d.wrong = make([]bool, len(d.faults))
	now := time.Now()
	if d.election, err = newElection(dir, now); err != nil {
		return nil, err
	}
	if d.cards, err = d.election.deal(now); err != nil {
		return nil, err
	}
	d.voted = make([]bool, len(d.cards))
	if err := os.Mkdir(d.path("devices"), 0o700); err != nil {
		return nil, err
	}
	if d.booth, err = boothtest.New(d.path("devices")); err != nil {
		return nil, fmt.Errorf("emulating the devices: %w", err)
	}
	d.listen()
	if err := d.provision(now); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing the machine: %w", err), d.booth.Close())
	}
	return d, nil
}

func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: nothing is overwritten: %w", dir, os.ErrExist)
	}
	return nil
}

func (d *Desk) path(parts ...string) string { return d.election.path(parts...) }

// listen watches the devices.
func (d *Desk) listen() {
	d.booth.Receipts.OnPaper(func(_ bool, cut *printertest.Piece) {
		if cut != nil && inked(*cut) {
			d.mu.Lock()
			d.front = append(d.front, *cut)
			d.mu.Unlock()
		}
		d.change()
	})
	d.booth.Panel.OnWrite(func(panel.Line, bool) { d.change() })
	if d.config.Paced {
		pace(d.booth.Slips)
		pace(d.booth.Receipts)
	}
}

// Rows of paper come out in steps of so many, at 1,600 rows (200 mm) a second.
const (
	step  = 32
	every = 20 * time.Millisecond
)

// pace lets a printer take its time.
func pace(p *printertest.Printer) {
	p.At(step, func() {
		time.Sleep(every)
		pace(p)
	})
}

// provision is what a technician does.
func (d *Desk) provision(now time.Time) error {
	printer := func(port *printertest.Port) kiosk.Printer {
		return kiosk.Printer{Path: port.Path(), Baud: 115200, Confirm: "process-id", HoldFeed: 160, StallSeconds: 5}
	}
	d.kiosk = &kiosk.Config{
		Station: Station, Package: d.path("package"), Folders: kiosk.Folders{d.path("disk-1"), d.path("disk-2")}, Key: kiosk.Key{File: d.path("station.age")},
		Reader:      kiosk.Reader{Voter: json.RawMessage(`"piv"`), Official: json.RawMessage(`"official"`), Document: "A999999999"},
		SlipPrinter: printer(d.booth.SlipPort), ReceiptPrinter: printer(d.booth.ReceiptPort),
		Panel: kiosk.Panel{Bench: d.booth.PanelSocket()}, Media: kiosk.Media{MountAt: d.path("mnt"), Folders: []string{d.medium(1, true), d.medium(2, true)}},
	}
	d.kiosk.ReceiptPrinter.HoldFeed = 0
	d.kiosk.Voice = voiceHere()
	for _, folder := range []string{d.kiosk.Folders[0], d.kiosk.Folders[1], d.kiosk.Media.MountAt, d.medium(1, true), d.medium(2, true), d.path("pulled")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	for n := 1; n <= 2; n++ {
		m, err := d.kiosk.MediumConfig(d.election.record, n)
		if err == nil {
			err = media.Prepare(d.medium(n, true), m)
		}
		if err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(d.kiosk, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(d.path("kiosk.json"), b, 0o600), os.WriteFile(d.path("passphrase"), []byte(Passphrase+"\n"), 0o600)); err != nil {
		return err
	}
	software, err := os.ReadFile(d.config.Program)
	if err != nil {
		return fmt.Errorf("reading the kiosk's program: %w", err)
	}
	_, err = kiosk.Provision(d.kiosk, d.election.station, sha256.Sum256(software), now)
	return err
}

// voiceHere lets the kiosk speak where this computer can.
func voiceHere() *kiosk.Voice {
	const speaker = "/usr/bin/espeak-ng"
	sound, err := filepath.Glob("/dev/snd/pcm*p") // outputs
	if err != nil || len(sound) == 0 {
		return nil
	}
	for _, program := range []string{speaker, "/usr/bin/aplay"} {
		if _, err := os.Stat(program); err != nil {
			return nil
		}
	}
	return &kiosk.Voice{Program: speaker}
}

// Start starts the kiosk, or starts it again after it has ended.
func (d *Desk) Start() error {
	d.hands.Lock()
	defer d.hands.Unlock()
	return d.start()
}

func (d *Desk) start() error {
	d.mu.Lock()
	running := d.program != nil && d.status == nil
	d.mu.Unlock()
	if running {
		return nil
	}
	args := append([]string{"run", "--config", d.path("kiosk.json"), "--passphrase-file", d.path("passphrase")}, d.config.Arguments...)
	d.mu.Lock()
	d.status = nil
	d.mu.Unlock()
	p, err := start(d.config.Program, args, d.config.Input, d.config.Output, func(status int) {
		d.mu.Lock()
		d.status = &status
		d.mu.Unlock()
		d.change()
	})
	if err != nil {
		return err
	}
	d.program = p
	d.change()
	return nil
}

// CutPower is a power cut: the program is killed in the middle of whatever it
// does, printers lose what they have not printed, and everything starts again.
func (d *Desk) CutPower() error {
	d.hands.Lock()
	defer d.hands.Unlock()
	d.end(syscall.SIGKILL)
	var both sync.WaitGroup
	for _, p := range []*printertest.Printer{d.booth.Slips, d.booth.Receipts} {
		both.Go(p.PowerCycle)
	}
	both.Wait()
	return d.start()
}

// end ends the program and takes note of it.
func (d *Desk) end(s os.Signal) {
	if d.program == nil {
		return
	}
	d.program.signal(s)
	d.mu.Lock()
	if d.status == nil {
		status := d.program.c.ProcessState.ExitCode()
		d.status = &status
	}
	d.mu.Unlock()
	d.program = nil
}

// Close ends the program and takes the devices down. The folder stays.
func (d *Desk) Close() error {
	d.hands.Lock()
	defer d.hands.Unlock()
	d.mu.Lock()
	again := d.closing
	d.closing = true
	d.mu.Unlock()
	if again {
		return nil
	}
	d.end(syscall.SIGTERM)
	return d.booth.Close()
}

// Insert puts a card into the reader; the one that is in is taken out first.
func (d *Desk) Insert(n int) error {
	d.hands.Lock()
	defer d.hands.Unlock()
	if n < 0 || n >= len(d.cards) {
		return errors.New("no such card")
	}
	d.mu.Lock()
	gone := d.wrong[readerGone]
	d.mu.Unlock()
	if gone {
		return errors.New("the reader is unplugged: plug it in first")
	}
	if err := d.booth.Cards.Remove(); err != nil {
		return err
	}
	d.in = none
	d.change()
	if err := d.booth.Cards.Insert(d.cards[n].card); err != nil {
		return err
	}
	d.in = n
	d.change()
	return nil
}

// Remove takes the card out.
func (d *Desk) Remove() error {
	d.hands.Lock()
	defer d.hands.Unlock()
	d.in = none
	d.change()
	return d.booth.Cards.Remove()
}

// Call presses the button that calls a poll worker.
func (d *Desk) Call() {
	d.booth.Panel.Set(panel.WorkerButton, true)
	time.AfterFunc(pressed, func() { d.booth.Panel.Set(panel.WorkerButton, false) })
}

// pressed is how long a finger is on a button.
const pressed = 300 * time.Millisecond

// medium is where medium n is: plugged in or not.
func (d *Desk) medium(n int, plugged bool) string {
	where := "pulled"
	if plugged {
		where = "media"
	}
	return d.path(where, fmt.Sprintf("medium-%d", n))
}

// Plug plugs medium 1 or 2 in, or pulls it.
func (d *Desk) Plug(n int, in bool) error {
	d.hands.Lock()
	defer d.hands.Unlock()
	if n != 1 && n != 2 {
		return fmt.Errorf("no medium %d", n)
	}
	if _, err := os.Stat(d.medium(n, in)); err == nil {
		return nil
	}
	defer d.change()
	return os.Rename(d.medium(n, !in), d.medium(n, in))
}

// Changed receives when something may have changed in the View.
func (d *Desk) Changed() <-chan struct{} { return d.changed }

func (d *Desk) change() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}
