// Package slip describes what a station prints: the slip (the paper that shows
// the choices and drops into the box), the receipt, the opened ballot of a
// challenge, the zero tape and the closing tape, as specified in
// docs/spec/paper.md.
//
// A page is data: what stands on it, not how it looks. Drivers and package
// raster draw it.
package slip

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Kinds of page.
const (
	KindSlip      = "slip"
	KindReceipt   = "receipt"
	KindChallenge = "challenge"
	KindZeroTape  = "zero-tape"
	KindClosing   = "closing-tape"
)

// Kinds of block.
const (
	Heading   = "heading"   // Text
	Text      = "text"      // Text
	Row       = "row"       // Label and Text side by side
	Choice    = "choice"    // Label is the question, Text the choice in words
	Mark      = "mark"      // Text in large letters across the page
	Code      = "code"      // Text in groups of symbols
	QR        = "qr"        // Text as a QR code
	Rule      = "rule"      // a line
	Signature = "signature" // a line to sign on, Label below it
)

// A Page is one piece of paper, cut off at its end.
type Page struct {
	Kind   string  `json:"kind"`
	Blocks []Block `json:"blocks"`
}

// A Block is one thing on a page.
type Block struct {
	Kind  string `json:"kind"`
	Label string `json:"label,omitempty"`
	Text  string `json:"text,omitempty"`
}

// Bounds of a page.
const (
	maxBlocks = 512
	maxText   = 1 << 14
	maxPage   = 1 << 20
)

// Encode returns the canonical JSON of a page.
func (p Page) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("encoding a page: %w", err)
	}
	return b.Bytes(), nil
}

// Parse decodes what Encode made and refuses everything else.
func Parse(b []byte) (Page, error) {
	var p Page
	if len(b) > maxPage {
		return p, fmt.Errorf("page: %d bytes, allowed are %d", len(b), maxPage)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Page{}, fmt.Errorf("page: %w", err)
	}
	again, err := p.Encode()
	if err != nil || !bytes.Equal(again, b) {
		return Page{}, errors.New("page: not the canonical encoding")
	}
	return p, p.validate()
}

var kinds = map[string]bool{KindSlip: true, KindReceipt: true, KindChallenge: true, KindZeroTape: true, KindClosing: true}

var blockKinds = map[string]bool{Heading: true, Text: true, Row: true, Choice: true, Mark: true, Code: true, QR: true, Rule: true, Signature: true}

func (p Page) validate() error {
	if !kinds[p.Kind] {
		return fmt.Errorf("page: no kind %q", p.Kind)
	}
	if len(p.Blocks) == 0 || len(p.Blocks) > maxBlocks {
		return fmt.Errorf("page: %d blocks", len(p.Blocks))
	}
	for _, b := range p.Blocks {
		if !blockKinds[b.Kind] || len(b.Label) > maxText || len(b.Text) > maxText {
			return fmt.Errorf("page: block %q is unknown or too long", b.Kind)
		}
	}
	return nil
}
