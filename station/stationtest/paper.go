package stationtest

import (
	"errors"

	"github.com/openreferendum/referendum/station/slip"
)

// Paper is the printer, the window and the box of one station. It keeps all
// pages. Hook, if not nil, is asked before and after each movement and makes it
// fail: a movement that fails before has not happened, one that fails after has.
type Paper struct {
	Printed map[string]int // pages, by kind
	Pages   []slip.Page    // all but slips, which have no order
	Box     map[string]int // slips in the box, by content
	Voided  int
	Hook    func(moment string) error

	window *slip.Page
}

// NewPaper returns an empty box and a full printer.
func NewPaper() *Paper { return &Paper{Printed: map[string]int{}, Box: map[string]int{}} }

// Waiting reports whether a slip is behind the window.
func (p *Paper) Waiting() bool { return p.window != nil }

// Print prints a page.
func (p *Paper) Print(page slip.Page) error {
	return p.move("print "+page.Kind, func() error {
		p.Printed[page.Kind]++
		if page.Kind != slip.KindSlip {
			p.Pages = append(p.Pages, page)
			return nil
		}
		if p.window != nil {
			return errors.New("a slip is behind the window")
		}
		p.window = &page
		return nil
	})
}

// Drop lets the slip behind the window, if there is one, fall into the box.
func (p *Paper) Drop() error {
	return p.move("drop", func() error {
		if p.window == nil {
			return nil
		}
		b, err := p.window.Encode()
		p.Box[string(b)]++
		p.window = nil
		return err
	})
}

// Void voids the slip behind the window, if there is one.
func (p *Paper) Void() error {
	return p.move("void", func() error {
		if p.window != nil {
			p.Voided++
		}
		p.window = nil
		return nil
	})
}

// Dropped returns the number of slips in the box.
func (p *Paper) Dropped() int {
	n := 0
	for _, k := range p.Box {
		n += k
	}
	return n
}

func (p *Paper) move(what string, do func() error) error {
	if err := p.hook("before " + what); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return p.hook("after " + what)
}

func (p *Paper) hook(moment string) error {
	if p.Hook == nil {
		return nil
	}
	return p.Hook(moment)
}
