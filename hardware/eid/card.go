package eid

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Token is a card in the reader, of which nothing is known yet.
type Token struct {
	reader *Reader
	at     *insertion
}

// A driver speaks to one card of which the key is known. There are two: piv and
// session (PKCS #11).
type driver interface {
	certificates() []certificate // the key's own first
	tries() (int, bool)
	verify(digits []byte) error // *PINError: not taken
	sign(message []byte) ([]byte, error)
	close() error
}

// A Card is a card whose key is known. Its methods may be called from several
// goroutines, and work one after another.
type Card struct {
	reader *Reader
	at     *insertion
	rule   PINRule
	caller *caller

	// opened is touched only by what runs in caller: a step that hangs may
	// still change it when nobody waits for it any more.
	opened driver

	mu       sync.Mutex
	known    state
	verified bool  // the card has the PIN for the next signature
	ended    error // not nil: why nothing can be done any more
}

// A state is what a driver knows without asking the card.
type state struct {
	all  []certificate
	left int
	says bool // the card says how many tries are left
}

// Use finds the profile's key on the card. A card that does not have it is
// ErrNoKey; one that has left is ErrGone. One Card of a reader is open at a time.
func (t *Token) Use(p *Profile) (*Card, error) {
	r := t.reader
	select {
	case r.inUse <- struct{}{}:
	default:
		return nil, errors.New("using the card: it is in use")
	}
	c := &Card{reader: r, at: t.at, rule: p.PIN, caller: newCaller()}
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.step("using the card", func() error {
		var err error
		c.opened, err = r.open(t.at.reader, p)
		return err
	})
	if err != nil {
		c.end(err) // its own error would say less
		return nil, err
	}
	r.keep(c)
	return c, nil
}

// open opens the card in the reader of that name by the profile's interface.
func (r *Reader) open(reader string, p *Profile) (driver, error) {
	if p.Interface == InterfacePKCS11 {
		s, err := r.modules.open(p, reader, r.strangers())
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	l, err := connect(reader)
	if err != nil {
		return nil, err
	}
	v, err := openPIV(channel{l.transmit, l.t0()}, l.close, p)
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return v, nil
}

// leaveLimit is how long the daemon may take to see that a card was pulled out:
// pcscd looks each 400 ms at readers that do not say so themselves.
const leaveLimit = 2 * time.Second

// step runs one step with the card, within the reader's timeout. c.mu is held.
func (c *Card) step(doing string, f func() error) error {
	if c.ended != nil {
		return fmt.Errorf("%s: %w", doing, c.ended)
	}
	if c.at.over() {
		return fmt.Errorf("%s: %w", doing, ErrGone)
	}
	known, err := call(c.caller, c.reader.config.Timeout, func() (state, error) {
		err := f()
		if c.opened == nil {
			return state{}, err
		}
		s := state{all: c.opened.certificates()}
		s.left, s.says = c.opened.tries()
		return s, err
	})
	switch {
	case errors.Is(err, errHangs):
		err = fmt.Errorf("%s: %w: %w", doing, ErrGone, err)
		c.abandon(err)
		return err
	case known.all != nil:
		c.known = known
	}
	if wrong, ok := errors.AsType[*PINError](err); ok {
		return wrong
	}
	if errors.Is(err, errPerhapsGone) && c.at.leaves(leaveLimit) {
		err = fmt.Errorf("%w: %w", ErrGone, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// errPerhapsGone marks an error that a module gives for a card that was pulled
// out as well as for one that does not work.
var errPerhapsGone = errors.New("the card or its reader does not work")

// NeedsPIN reports whether EnterPIN comes before the next Sign.
func (c *Card) NeedsPIN() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.needsPIN()
}

func (c *Card) needsPIN() bool { return c.rule != PINNone && !c.verified }

// TriesLeft returns how many PINs the card still takes, if it says so.
func (c *Card) TriesLeft() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known.left, c.known.says
}

// EnterPIN hands the PIN to the card. If the card does not take it, the error is
// a *PINError.
func (c *Card) EnterPIN(pin SecretPIN) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rule == PINNone {
		return errors.New("entering the PIN: cards of this profile take none")
	}
	c.verified = false
	err := c.step("entering the PIN", func() error { return c.opened.verify(pin.export()) })
	c.verified = err == nil
	return err
}

// Certificates returns the certificate of the key and those on the card that
// stand between it and its authority, DER, leaf first. They are as they were when
// the card was put to use.
func (c *Card) Certificates() ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.step("reading the certificate", func() error { return nil }); err != nil {
		return nil, err
	}
	var others []*x509.Certificate
	for _, cert := range c.known.all[1:] {
		others = append(others, cert.parsed)
	}
	var ders [][]byte
	for _, der := range chain(c.known.all[0].parsed, others) {
		ders = append(ders, bytes.Clone(der))
	}
	return ders, nil
}

// PublicKey returns the key in the card's certificate.
func (c *Card) PublicKey() (crypto.PublicKey, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.step("reading the public key", func() error { return nil }); err != nil {
		return nil, err
	}
	return c.known.all[0].parsed.PublicKey, nil
}

// Sign has the card sign the message: ECDSA with SHA-256 as ASN.1, RSA
// PKCS #1 v1.5 with SHA-256, or Ed25519. That the signature is by the key in the
// certificate is not checked here. Without the PIN that profile or card want, it
// is ErrPINNeeded.
func (c *Card) Sign(message []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.needsPIN() && c.ended == nil && !c.at.over() {
		return nil, fmt.Errorf("signing: %w", ErrPINNeeded)
	}
	own := bytes.Clone(message) // a step that hangs may read it later
	var signature []byte
	err := c.step("signing", func() error {
		s, err := c.opened.sign(own)
		if err == nil {
			err = checkForm(c.opened.certificates()[0].parsed.PublicKey, s)
		}
		if err == nil {
			signature = s
		}
		return err
	})
	if c.rule == PINEach || errors.Is(err, ErrPINNeeded) {
		c.verified = false
	}
	if err != nil {
		return nil, err
	}
	return signature, nil
}

// errClosed is the end of a card that was closed.
var errClosed = errors.New("the card has been let go of")

// Close makes the card forget the PIN and lets go of it. That the card has left is
// no error.
func (c *Card) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end(errClosed)
}

// end lets go of the card, once. c.mu is held.
func (c *Card) end(why error) error {
	if c.ended != nil {
		return nil
	}
	_, err := call(c.caller, c.reader.config.Timeout, c.let)
	if errors.Is(err, errHangs) {
		c.abandon(why)
		return fmt.Errorf("letting go of the card: %w", err)
	}
	c.ended = why
	c.reader.free()
	return err
}

// let closes the driver. It runs in caller.
func (c *Card) let() (struct{}, error) {
	d := c.opened
	c.opened = nil
	if d == nil {
		return struct{}{}, nil
	}
	err := d.close()
	if errors.Is(err, ErrGone) {
		err = nil // it has forgotten the PIN by that
	}
	return struct{}{}, err
}

// abandon gives up a card of which a step hangs: its reader is lost until the
// step has come back and the card was let go of. c.mu is held.
func (c *Card) abandon(why error) {
	c.ended = why
	c.reader.hang(+1)
	go func() {
		c.caller.idle()
		c.let() // nobody is left who could want its error
		// The order matters. Who sees the reader restored uses the next card at
		// once, so the place for it is free before that.
		c.reader.free()
		c.reader.hang(-1)
	}()
}

// keep remembers the card that is open, for Close.
func (r *Reader) keep(c *Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.card = c
}

// free lets another card be used.
func (r *Reader) free() {
	r.keep(nil)
	<-r.inUse
}

// hang counts one more or one less step that hangs: while there is one, the reader
// is reported as lost.
func (r *Reader) hang(more int32) {
	r.hangs.Add(more)
	r.wake()
}

// strangers returns the readers that are connected, but ours.
func (r *Reader) strangers() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.others
}
