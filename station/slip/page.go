// Package slip describes what a station prints: the slip (the paper that shows
// the choices and drops into the box), the receipt, the opened ballot of a
// challenge, the zero tape and the closing tape, as specified in
// docs/spec/paper.md.
//
// A page is data: what stands on it, not how it looks. Package raster draws it.
package slip

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kinds of page.
const (
	KindSlip      = "slip"
	KindReceipt   = "receipt"
	KindChallenge = "challenge"
	KindZeroTape  = "zero-tape"
	KindClosing   = "closing-tape"
	KindVoid      = "void" // printed below a slip that must not count
)

// Kinds of block: docs/spec/paper.md, Section 1.
const (
	Heading   = "heading"   // Text
	Text      = "text"      // Text
	Row       = "row"       // Label and Text side by side
	Choice    = "choice"    // Number and Label are the question, Text the choice in words
	Mark      = "mark"      // Text in large letters across the page
	Code      = "code"      // Label, and Text in groups of symbols
	QR        = "qr"        // Text as a QR code
	Rule      = "rule"      // a line
	Signature = "signature" // a line to sign on, Label below it
	Cut       = "cut"       // the paper is cut here
)

// A Page is what is printed in one go. It ends with a Cut, but for the slip:
// that stays behind the window, in one piece with the paper, until the voter
// has decided.
type Page struct {
	Kind   string  `json:"kind"`
	Blocks []Block `json:"blocks"`
}

// A Block is one thing on a page.
type Block struct {
	Kind   string `json:"kind"`
	Number int    `json:"number,omitempty"` // of a question, from 1
	Label  string `json:"label,omitempty"`
	Text   string `json:"text,omitempty"`
}

// Bounds of a page.
const (
	maxBlocks = 512
	maxText   = 1 << 17 // a text of the manifest in two languages
	maxPage   = 1 << 23
	maxNumber = 64
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

// Parse decodes what Encode made of a valid page and refuses everything else.
func Parse(b []byte) (Page, error) {
	var p Page
	if len(b) > maxPage {
		return Page{}, fmt.Errorf("page: %d bytes, allowed are %d", len(b), maxPage)
	}
	if !utf8.Valid(b) {
		return Page{}, errors.New("page: not UTF-8")
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
	if err := p.Validate(); err != nil {
		return Page{}, err
	}
	return p, nil
}

// allowed says which blocks a page of a kind may have: a slip nothing that
// could identify it, a receipt no choice.
var allowed = map[string][]string{
	KindSlip:      {Heading, Text, Row, Choice, Mark, Rule},
	KindReceipt:   {Heading, Text, Row, Mark, Rule, Code, QR, Cut},
	KindChallenge: {Heading, Text, Row, Choice, Mark, Rule, Code, QR, Cut},
	KindZeroTape:  {Heading, Text, Row, Mark, Rule, Code, QR, Signature, Cut},
	KindClosing:   {Heading, Text, Row, Mark, Rule, Code, QR, Signature, Cut},
	KindVoid:      {Text, Mark, Cut},
}

// fields says which fields a block of a kind has.
var fields = map[string]struct{ number, label, text bool }{
	Heading: {text: true}, Text: {text: true}, Mark: {text: true}, QR: {text: true},
	Row: {label: true, text: true}, Code: {label: true, text: true}, Choice: {true, true, true},
	Signature: {label: true}, Rule: {}, Cut: {},
}

// Validate refuses a page that nobody could have built: an unknown kind, a
// block that has no place on such a page, a field too many or too few, a page
// not cut at its end.
func (p Page) Validate() error {
	kinds, ok := allowed[p.Kind]
	if !ok {
		return fmt.Errorf("page: no kind %q", p.Kind)
	}
	if len(p.Blocks) == 0 || len(p.Blocks) > maxBlocks {
		return fmt.Errorf("page: %d blocks, allowed are 1 to %d", len(p.Blocks), maxBlocks)
	}
	for i, b := range p.Blocks {
		if !slices.Contains(kinds, b.Kind) {
			return fmt.Errorf("page: block %d: a %s has no block %q", i+1, p.Kind, b.Kind)
		}
		if err := b.check(); err != nil {
			return fmt.Errorf("page: block %d: %w", i+1, err)
		}
		if last := i == len(p.Blocks)-1; p.Kind != KindSlip && (b.Kind == Cut) != last {
			return fmt.Errorf("page: block %d: a %s is cut at its end and only there", i+1, p.Kind)
		}
	}
	return nil
}

func (b Block) check() error {
	has := fields[b.Kind]
	switch {
	case has.number != (b.Number != 0), has.label != (b.Label != ""), has.text != (b.Text != ""):
		return fmt.Errorf("a %s with a field too many or too few", b.Kind)
	case b.Number < 0 || b.Number > maxNumber:
		return fmt.Errorf("question %d, allowed are 1 to %d", b.Number, maxNumber)
	case len(b.Label) > maxText || len(b.Text) > maxText:
		return fmt.Errorf("more than %d bytes of text", maxText)
	case strings.ContainsFunc(b.Label+b.Text, unprintable):
		return errors.New("a character that cannot be printed")
	}
	return nil
}

// unprintable reports characters that no text of a manifest has, and that JSON
// would write in several ways.
func unprintable(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}
