package keygen

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

// Files of a trustee's private folder: docs/spec/ceremony.md, Section 8.
const (
	SecretFile    = "secret.age"
	EnrolmentFile = "enrolment.json"
)

// A Trustee is a trustee's private folder: its secret under a passphrase, its
// enrolment, and for each manifest a copy of everything it has seen and
// published.
type Trustee struct{ Dir string }

func (t Trustee) path(name string) string { return filepath.Join(t.Dir, name) }

// Enrol is round 0 with files. It draws a secret unless there is one, and does
// nothing twice: after an interruption, with the same name and passphrase, it
// goes on. The passphrase is checked when a secret was there already.
func (t Trustee) Enrol(random io.Reader, name, passphrase string, workFactor int) (*record.Signed[record.Enrolment], error) {
	if err := record.CheckName(name); err != nil {
		return nil, fmt.Errorf("enrolling: name: %w", err)
	}
	if err := makeFolder(t.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("enrolling: %w", err)
	}
	secret, err := t.Open(passphrase)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = t.generate(random, passphrase, workFactor)
	}
	if err != nil {
		return nil, fmt.Errorf("enrolling: %w", err)
	}
	e, err := secret.Enrol(name)
	if err != nil {
		return nil, err
	}
	err = Folder(t.Dir).Publish(EnrolmentFile, e)
	if errors.Is(err, ErrOtherContent) {
		return nil, errors.New("enrolling: this trustee is enrolled already, under another name or with another secret")
	}
	return e, err
}

func (t Trustee) generate(random io.Reader, passphrase string, workFactor int) (SecretTrustee, error) {
	secret, err := Generate(random)
	if err != nil {
		return SecretTrustee{}, err
	}
	sealed, err := Lock(secret.Export(), passphrase, workFactor)
	if err != nil {
		return SecretTrustee{}, err
	}
	return secret, durable.WriteFile(t.path(SecretFile), sealed, 0o600)
}

// Open decrypts the trustee's secret. A wrong passphrase is ErrPassphrase; the
// error for a folder without a secret wraps fs.ErrNotExist.
func (t Trustee) Open(passphrase string) (SecretTrustee, error) {
	sealed, err := record.ReadFile(durable.RegularFiles(t.Dir), SecretFile, maxSealed)
	if err != nil {
		return SecretTrustee{}, err
	}
	text, err := Unlock(sealed, passphrase)
	if err != nil {
		return SecretTrustee{}, err
	}
	return ParseSecret(text)
}

// Archive is the trustee's own copy of the ceremony of one manifest.
func (t Trustee) Archive(manifest record.Hash) Folder { return Folder(t.path(manifest.String())) }

// A Desk is a trustee at work on one ceremony: its seat, its own copy of the
// documents, and the folder that is carried around.
type Desk struct {
	*Seat
	archive  Folder
	exchange Folder
}

// Join opens the ceremony in the exchange folder. The trustee's copy takes over
// what is new there; a document that changed since is an *Equivocation.
func (t Trustee) Join(exchange Folder, secret SecretTrustee) (*Desk, error) {
	manifest, err := exchange.Manifest()
	if err != nil {
		return nil, err
	}
	seat, err := secret.Sit(manifest)
	if err != nil {
		return nil, err
	}
	archive := t.Archive(seat.hash)
	return &Desk{seat, archive, exchange}, archive.Receive(exchange)
}

// A Published says what a step has written. Already: it was there before, with
// the same content.
type Published struct {
	File    string
	Already bool
}

// publish writes a document to the trustee's copy, then to the exchange folder.
//
// The order matters. What the trustee remembers is on the disk before anybody
// can see it, so an interrupted step never leads to a second, different
// document; the other order could, if the exchange folder is carried away
// meanwhile.
func (d *Desk) publish(name string, v any) (Published, error) {
	p := Published{name, d.exchange.has(name)}
	if err := d.archive.Publish(name, v); errors.Is(err, ErrOtherContent) {
		return p, fmt.Errorf("this trustee has published another %s for this manifest before", filepath.Base(name))
	} else if err != nil {
		return p, err
	}
	return p, d.exchange.Publish(name, v)
}

// void refuses to go on after a complaint.
func (d *Desk) void() error {
	s, err := d.archive.Status()
	if err != nil {
		return err
	}
	return s.Void()
}

// Commit is round 1 with files. All n enrolments must be there.
func (d *Desk) Commit() (Published, error) {
	if err := d.void(); err != nil {
		return Published{}, err
	}
	if _, err := d.archive.Enrolments(len(d.manifest.Trustees)); err != nil {
		return Published{}, fmt.Errorf("committing: %w", err)
	}
	c, err := d.Seat.Commit()
	if err != nil {
		return Published{}, err
	}
	return d.publish(record.CommitmentFile(d.number), c)
}

// Reveal is round 2 with files. All n commitments must be there.
func (d *Desk) Reveal() (Published, error) {
	if err := d.void(); err != nil {
		return Published{}, err
	}
	commitments, err := d.archive.Commitments(len(d.manifest.Trustees))
	if err != nil {
		return Published{}, fmt.Errorf("revealing: %w", err)
	}
	r, err := d.Seat.Reveal(commitments)
	if err != nil {
		return Published{}, err
	}
	return d.publish(record.RevealFile(d.number), r)
}

// Confirm is round 3 with files. All n reveals must be there. A wrong share is
// a *Cheat.
func (d *Desk) Confirm() (Published, *record.Confirmation, error) {
	if err := d.void(); err != nil {
		return Published{}, nil, err
	}
	c, err := d.archive.Transcript(len(d.manifest.Trustees))
	if err != nil {
		return Published{}, nil, fmt.Errorf("confirming: %w", err)
	}
	x, err := d.Seat.Confirm(c)
	if err != nil {
		return Published{}, nil, err
	}
	p, err := d.publish(record.ConfirmationFile(d.number), x)
	return p, &x.Body, err
}

// Complain publishes a complaint about the dealer of a wrong share. Who has
// confirmed has no complaint.
func (d *Desk) Complain(dealer int) (Published, error) {
	if d.archive.has(record.ConfirmationFile(d.number)) {
		return Published{}, errors.New("complaining: this trustee has confirmed the ceremony")
	}
	c, err := d.archive.Transcript(len(d.manifest.Trustees))
	if err != nil {
		return Published{}, fmt.Errorf("complaining: %w", err)
	}
	x, err := d.Seat.Complain(c, dealer)
	if err != nil {
		return Published{}, err
	}
	return d.publish(ComplaintFile(d.number, dealer), x)
}

// ErrContradiction is wrapped when a trustee complains about a ceremony that it
// has confirmed. The program says that it gets no answer.
var ErrContradiction = errors.New("has confirmed the ceremony that it complains about")

// Defend answers another trustee's complaint about this one. Who has confirmed
// the ceremony gets no answer: its complaint contradicts its own signature, and
// the answer would be a share of a key that may be in use.
func (d *Desk) Defend(accuser int) (Published, error) {
	if d.archive.has(record.ConfirmationFile(accuser)) {
		return Published{}, fmt.Errorf("defending: trustee %d %w", accuser, ErrContradiction)
	}
	if !d.archive.has(record.RevealFile(d.number)) {
		return Published{}, errors.New("defending: this trustee has not sealed any share yet")
	}
	x, err := record.ReadSigned[record.Complaint](d.archive.FS(), ComplaintFile(accuser, d.number))
	if err != nil {
		return Published{}, fmt.Errorf("defending: %w", err)
	}
	defence, err := d.Seat.Defend(x)
	if err != nil {
		return Published{}, err
	}
	return d.publish(DefenceFile(d.number, accuser), defence)
}
