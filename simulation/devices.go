package simulation

import (
	"sort"
	"sync"

	"github.com/openreferendum/referendum/station/slip"
)

// Paper is the printer, the window and the box of one station: pages come out,
// slips wait behind the window, and drop or are voided.
type Paper struct {
	mu       sync.Mutex
	Box      map[string]int // slips in the box, by content: a box has no order
	Voided   int
	Tapes    []slip.Page
	Receipts []slip.Page // taken home
	Opened   []slip.Page // challenges
	window   *slip.Page
}

// NewPaper returns an empty box with paper in the printer.
func NewPaper() *Paper { return &Paper{Box: map[string]int{}} }

// Print prints a page.
func (p *Paper) Print(page slip.Page) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch page.Kind {
	case slip.KindSlip:
		p.window = &page
	case slip.KindReceipt:
		p.Receipts = append(p.Receipts, page)
	case slip.KindChallenge:
		p.Opened = append(p.Opened, page)
	default:
		p.Tapes = append(p.Tapes, page)
	}
	return nil
}

// Drop lets the slip fall into the box.
func (p *Paper) Drop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window == nil {
		return nil
	}
	b, err := p.window.Encode()
	if err != nil {
		return err
	}
	p.Box[string(b)]++
	p.window = nil
	return nil
}

// Void voids the slip behind the window.
func (p *Paper) Void() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window != nil {
		p.Voided++
	}
	p.window = nil
	return nil
}

// Slips returns the contents of the box: each page that is in it, in the order
// of their contents, with how many there are.
func (p *Paper) Slips() (pages []slip.Page, counts []int, err error) {
	var contents []string
	for content := range p.Box {
		contents = append(contents, content)
	}
	sort.Strings(contents)
	for _, content := range contents {
		page, err := slip.Parse([]byte(content))
		if err != nil {
			return nil, nil, err
		}
		pages, counts = append(pages, page), append(counts, p.Box[content])
	}
	return pages, counts, nil
}
