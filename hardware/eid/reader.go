package eid

import (
	"crypto"
	"errors"
	"time"
)

// Config configures a reader.
type Config struct {
	// Readers are the names of the readers that may be used, as PC/SC gives
	// them without the numbers at the end (" 00 00"). If empty, any may. The
	// first of them that is connected is used.
	Readers []string

	// Virtual accepts readers that no hardware is behind. It is false in every
	// live election: then a virtual reader that is only there, beside the real
	// one, is an error.
	Virtual bool

	// Timeout is how long one command to a card may take before the reader
	// counts as lost. If zero, it is 15 seconds.
	Timeout time.Duration
}

// An EventKind is what happened to the reader.
type EventKind int

// The kinds. Every Inserted is followed by a Removed before the next Inserted,
// and before a Lost.
const (
	Inserted EventKind = iota + 1 // a card came
	Removed                       // it left
	Lost                          // the reader or the daemon is gone or hangs
	Restored                      // it is back
)

// An Event is what happened to the reader.
type Event struct {
	Kind  EventKind
	Token *Token // of Inserted, unless the card cannot be read
	Err   error  // of Inserted: why the card cannot be read; of Lost: why
}

// A Reader is a smart card reader.
type Reader struct{}

var errNotYet = errors.New("eid: not there yet")

// Open finds a reader. Its errors are ErrNoReader and ErrVirtualReader, wrapped.
func Open(c Config) (*Reader, error) { return nil, errNotYet }

// Name returns the PC/SC name of the reader in use.
func (r *Reader) Name() string { return "" }

// Events returns what happens to the reader, in order. Close closes it.
func (r *Reader) Events() <-chan Event { return nil }

// Close lets go of the reader.
func (r *Reader) Close() error { return errNotYet }

// A Token is a card in the reader, of which nothing is known yet.
type Token struct{}

// Use finds the profile's key on the card. One Card of a reader is open at a
// time.
func (t *Token) Use(p *Profile) (*Card, error) { return nil, errNotYet }

// A Card is a card whose key is known. Its methods may be called from several
// goroutines, and work one after another.
type Card struct{}

// NeedsPIN reports whether EnterPIN comes before the next Sign.
func (c *Card) NeedsPIN() bool { return false }

// TriesLeft returns how many PINs the card still takes, if it says so.
func (c *Card) TriesLeft() (int, bool) { return 0, false }

// EnterPIN hands the PIN to the card. If the card does not take it, the error is
// a *PINError.
func (c *Card) EnterPIN(pin SecretPIN) error { return errNotYet }

// Certificates returns the certificate of the key and those on the card that
// stand between it and its authority, DER, leaf first.
func (c *Card) Certificates() ([][]byte, error) { return nil, errNotYet }

// PublicKey returns the key in the card's certificate.
func (c *Card) PublicKey() (crypto.PublicKey, error) { return nil, errNotYet }

// Sign signs the message: ECDSA with SHA-256 as ASN.1, RSA PKCS #1 v1.5 with
// SHA-256, or Ed25519.
func (c *Card) Sign(message []byte) ([]byte, error) { return nil, errNotYet }

// Close makes the card forget the PIN and lets go of it.
func (c *Card) Close() error { return errNotYet }
