package flow

import (
	"fmt"
	"strings"

	"github.com/openreferendum/referendum/kiosk-ui/screen"
)

// maxTyped bounds what is typed in secret, in characters: a passphrase may be
// long, a PIN is not.
const maxTyped = 64

// redacted is what secrets print as.
const redacted = "SECRET"

// digits are what is being typed and may not be read. They cannot be printed.
type digits struct{ held func() *[]byte }

func (d *digits) bytes() *[]byte {
	if d.held == nil {
		b := make([]byte, 0, maxTyped)
		d.held = func() *[]byte { return &b }
	}
	return d.held()
}

// key takes a key of an Entry: a character, or "back". Others are no key.
func (d *digits) key(name string) {
	b := d.bytes()
	if name == screen.KeyBack {
		if n := len(*b); n > 0 {
			(*b)[n-1] = 0
			*b = (*b)[:n-1]
		}
		return
	}
	c, found := strings.CutPrefix(name, screen.KeyPrefix)
	if found && len(c) == 1 && c[0] >= ' ' && c[0] < 0x7F && len(*b) < maxTyped {
		*b = append(*b, c[0])
	}
}

func (d *digits) len() int { return len(*d.bytes()) }

// take gives out what was typed, and forgets it.
func (d *digits) take() SecretDigits {
	b := d.bytes()
	typed := append(make([]byte, 0, len(*b)), *b...)
	d.wipe()
	return newSecretDigits(typed)
}

func (d *digits) wipe() {
	b := d.bytes()
	clear((*b)[:cap(*b)])
	*b = (*b)[:0]
}

// Format prints nothing of it.
func (d *digits) Format(s fmt.State, _ rune) { fmt.Fprint(s, redacted) }

// Format prints nothing of it.
func (SecretDigits) Format(s fmt.State, _ rune) { fmt.Fprint(s, redacted) }

// SecretSelections are a voter's choices. They cannot be printed.
type SecretSelections struct{ open func() []int }

// Export gives the choices out: for every question 0 (paper not taken) or an
// option from 1. The caller clears them when they are used.
func (s SecretSelections) Export() []int {
	if s.open == nil {
		return nil
	}
	return s.open()
}

// Format prints nothing of them.
func (SecretSelections) Format(s fmt.State, _ rune) { fmt.Fprint(s, redacted) }
