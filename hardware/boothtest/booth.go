// Package boothtest is all devices of a polling station's machine at once, none
// of them real, behind the stacks that real ones have: a card reader behind
// pcscd, two printers behind serial ports, a TPM, and a panel behind its socket,
// whose window, flap and bins move the paper that the slip printer prints.
//
// It is an instrument: what it says is in the box is what fell into the box.
package boothtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/panel/paneltest"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/hardware/tpm/tpmtest"
)

// A Booth is the devices of one machine. At most one is in a process at a time
// (see eidtest.Stack).
type Booth struct {
	Cards    *eidtest.Stack
	Slips    *printertest.Printer // behind the window
	Receipts *printertest.Printer // in front
	Panel    *paneltest.Bench
	Chute    *paneltest.Chute
	TPM      *tpmtest.TPM

	SlipPort, ReceiptPort *printertest.Port

	socket string
	killed bool // the reader's daemon

	mu           sync.Mutex
	window       []printertest.Piece // cut, and not yet fallen
	box, spoiled []printertest.Piece

	fellToBox, fellToSpoiled int // as the mechanics count
}

// New sets the devices up; their files are in dir.
func New(dir string) (*Booth, error) {
	b := &Booth{socket: filepath.Join(dir, "panel.sock")}
	model := printertest.Config{ProcessID: true}
	b.Slips, b.Receipts = printertest.New(model), printertest.New(model)
	cards, chip := filepath.Join(dir, "cards"), filepath.Join(dir, "tpm")
	for _, d := range []string{cards, chip} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, fmt.Errorf("setting the devices up: %w", err)
		}
	}
	for _, open := range []func() error{
		func() (err error) { b.Cards, err = eidtest.NewStack(cards); return err },
		func() (err error) { b.SlipPort, err = printertest.OpenPort(b.Slips); return err },
		func() (err error) { b.ReceiptPort, err = printertest.OpenPort(b.Receipts); return err },
		func() (err error) { b.TPM, err = tpmtest.New(chip); return err },
		func() (err error) { b.Panel, err = paneltest.NewBench(b.socket); return err },
	} {
		if err := open(); err != nil {
			return nil, errors.Join(fmt.Errorf("setting the devices up: %w", err), b.Close())
		}
	}
	b.Chute = paneltest.NewChute(b.Panel)
	b.Slips.OnPaper(b.paper)
	b.Panel.OnWrite(func(l panel.Line, _ bool) {
		if l == panel.Solenoid {
			b.settle()
		}
	})
	return b, nil
}

// KillDaemon ends the card reader's daemon, until Repair.
func (b *Booth) KillDaemon() error {
	b.killed = true
	return b.Cards.KillDaemon()
}

// PanelSocket is where the panel's driver connects.
func (b *Booth) PanelSocket() string { return b.socket }

// Close takes everything down.
func (b *Booth) Close() error {
	var errs []error
	if b.Cards != nil {
		errs = append(errs, b.Cards.Stop())
	}
	for _, p := range []*printertest.Port{b.SlipPort, b.ReceiptPort} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if b.Panel != nil {
		errs = append(errs, b.Panel.Close())
	}
	if b.TPM != nil {
		b.TPM.Stop()
	}
	return errors.Join(errs...)
}

// paper takes what the slip printer prints through the window's mechanics.
func (b *Booth) paper(held bool, cut *printertest.Piece) {
	if cut == nil {
		b.Chute.Paper(held)
		return
	}
	b.mu.Lock()
	b.window = append(b.window, *cut)
	b.mu.Unlock()
	b.Chute.Piece()
}

// settle finds out which pieces have fallen since it was last called, and
// where: the flap lets all of them fall into one bin.
func (b *Booth) settle() {
	box, spoiled := b.Chute.Box(), b.Chute.Spoiled()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.box = append(b.box, b.fallen(box-b.fellToBox)...)
	b.spoiled = append(b.spoiled, b.fallen(spoiled-b.fellToSpoiled)...)
	b.fellToBox, b.fellToSpoiled = box, spoiled
}

// fallen takes the n pieces out of the window that were there first.
func (b *Booth) fallen(n int) []printertest.Piece {
	pieces := b.window[:n:n]
	b.window = b.window[n:]
	return pieces
}

// Box returns the slips in the box. Pieces with nothing on them, as a printer cuts
// off when it begins anew after a fault, are not slips.
func (b *Booth) Box() []printertest.Piece {
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.box), blank)
}

// Spoiled returns the slips in the spoiled bin, as Box does.
func (b *Booth) Spoiled() []printertest.Piece {
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.spoiled), blank)
}

func blank(p printertest.Piece) bool {
	const white = 0 // of a Piece's two colours
	return !slices.ContainsFunc(p.Image.Pix, func(colour uint8) bool { return colour != white })
}

// Repair is what poll workers do with their hands: everything works again
// afterwards, and no card is in the reader. What got stuck between window and
// bins, or fell into the wrong bin, stays for IntoBox.
func (b *Booth) Repair() error {
	errs := []error{b.Cards.Remove(), b.SlipPort.Replug(), b.ReceiptPort.Replug()}
	if b.killed {
		errs = append(errs, b.Cards.RestartDaemon())
		b.killed = false
	}
	for _, p := range []*printertest.Printer{b.Slips, b.Receipts} {
		p.Garbage(nil)
		p.Silence(false)
		p.StopReading(false)
		if p.State().PaperEnd {
			p.LoadRoll()
		}
		p.Set(func(s *printertest.State) { *s = printertest.State{CoverOpen: true} })
		p.Set(func(s *printertest.State) { *s = printertest.State{} })
	}
	b.Chute.Jam(false)
	if b.Chute.Between() > 0 {
		b.Chute.Take()
	}
	b.Chute.JamBetween(false)
	b.Chute.StickDiverter(false)
	b.Panel.Refuse(false)
	for _, l := range append(panel.Tamper(), panel.MainsFail) {
		b.Panel.Set(l, false)
	}
	return errors.Join(errs...)
}

// IntoBox puts a slip into the box by hand whose ballot is cast and which did
// not get there: it was taken out of the chute, or fell into the spoiled bin.
// Without such a slip it does nothing.
func (b *Booth) IntoBox() {
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.window); n > 0 && b.Chute.Window() == 0 {
		b.box, b.window = append(b.box, b.window...), nil
		return
	}
	for i, p := range slices.Backward(b.spoiled) {
		if !blank(p) {
			b.box, b.spoiled = append(b.box, p), slices.Delete(b.spoiled, i, i+1)
			return
		}
	}
}
