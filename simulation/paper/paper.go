// Package paper is the paper of a simulated station: what a printer would have
// printed, as PDF files that people can look at.
//
//	slips.pdf     the opened box: a recount of every question, and every slip,
//	              many on a sheet
//	tapes.pdf     zero tape and closing tape, in the size of the paper
//	receipts.pdf  the first receipts, in the size of the paper
//
// The same papers give the same files, byte for byte.
package paper

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/openreferendum/referendum/station/slip"
	"github.com/openreferendum/referendum/station/slip/raster"
)

// A Box is where slips drop. It remembers how many there are of each, and not
// their order: like the paper box that is shaken before it is opened.
type Box struct {
	slips map[string]int // canonical encoding: how many
}

// NewBox returns an empty box.
func NewBox() *Box { return &Box{map[string]int{}} }

// Drop puts a slip into the box. It refuses every other page.
func (b *Box) Drop(p slip.Page) error {
	if p.Kind != slip.KindSlip {
		return fmt.Errorf("dropping a %q into the box: only slips go there", p.Kind)
	}
	if err := p.Validate(); err != nil {
		return fmt.Errorf("dropping a slip into the box: %w", err)
	}
	key, err := p.Encode()
	if err != nil {
		return fmt.Errorf("dropping a slip into the box: %w", err)
	}
	b.slips[string(key)]++
	return nil
}

// Len returns the number of slips in the box.
func (b *Box) Len() int {
	n := 0
	for _, count := range b.slips {
		n += count
	}
	return n
}

// A Slip is one kind of slip in an opened box.
type Slip struct {
	Page  slip.Page
	Count int
}

// Open returns the slips in an order that depends on nothing but what stands on
// them: most frequent first, so that an official counts in piles.
func (b *Box) Open() ([]Slip, error) {
	keys := make([]string, 0, len(b.slips))
	for k := range b.slips {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	slips := make([]Slip, len(keys))
	for i, k := range keys {
		p, err := slip.Parse([]byte(k))
		if err != nil {
			return nil, fmt.Errorf("opening the box: %w", err)
		}
		slips[i] = Slip{p, b.slips[k]}
	}
	slices.SortStableFunc(slips, func(a, b Slip) int { return b.Count - a.Count })
	return slips, nil
}

// Paper is everything that one station printed, and its window: it is both the
// Printer and the Window of a simulated machine. It is used by one goroutine.
type Paper struct {
	Box    *Box
	Voided int // slips voided

	window   *slip.Page // the slip that the voter looks at
	tapes    []slip.Page
	receipts []slip.Page
	keep     int
	renderer *raster.Renderer
}

// New returns the paper of a station before its first page. receipts is how
// many receipts to keep: they are in the voters' hands, and a few are enough to
// look at. Stations may share a Renderer.
func New(r *raster.Renderer, receipts int) *Paper {
	return &Paper{Box: NewBox(), keep: receipts, renderer: r}
}

// Print prints a page. A slip stays behind the window until Drop or Void;
// receipts, and the papers of challenges, count as receipts.
func (p *Paper) Print(page slip.Page) error {
	if err := page.Validate(); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	switch page.Kind {
	case slip.KindSlip:
		if p.window != nil {
			return errors.New("printing a slip: there is one behind the window")
		}
		p.window = &page
	case slip.KindZeroTape, slip.KindClosing:
		p.tapes = append(p.tapes, page)
	case slip.KindReceipt, slip.KindChallenge:
		if len(p.receipts) < p.keep {
			p.receipts = append(p.receipts, page)
		}
	}
	return nil
}

// Drop cuts the slip behind the window off, so that it drops into the box. With
// no slip there it does nothing.
func (p *Paper) Drop() error {
	if p.window == nil {
		return nil
	}
	page := *p.window
	p.window = nil
	return p.Box.Drop(page)
}

// Void voids the slip behind the window. With no slip there it does nothing.
func (p *Paper) Void() error {
	if p.window != nil {
		p.Voided++
	}
	p.window = nil
	return nil
}

// Write writes the files into a folder that exists. It overwrites nothing and
// writes no file without a page. made is the time in the files; the title is
// above every sheet of slips, in ASCII.
func (p *Paper) Write(dir, title string, made time.Time) error {
	slips, err := p.Box.Open()
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		n    int
		pdf  func() ([]byte, error)
	}{
		{"slips.pdf", len(slips), func() ([]byte, error) { return Sheets(p.renderer, title, slips, made) }},
		{"tapes.pdf", len(p.tapes), func() ([]byte, error) { return Pages(p.renderer, p.tapes, made) }},
		{"receipts.pdf", len(p.receipts), func() ([]byte, error) { return Pages(p.renderer, p.receipts, made) }},
	} {
		if file.n == 0 {
			continue
		}
		pdf, err := file.pdf()
		if err == nil {
			err = create(filepath.Join(dir, file.name), pdf)
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", file.name, err)
		}
	}
	return nil
}

func create(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
