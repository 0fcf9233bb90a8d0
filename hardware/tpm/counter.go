package tpm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// counterBase is where our counters begin, within the range for owners (TCG Registry
// of Reserved TPM 2.0 Handles and Localities: 0x01800000 to 0x01BFFFFF).
const counterBase = 0x01850000

// MaxCounter is the largest index of a counter.
const MaxCounter = 0xFFFF

// counterPublic is how our counters are made (Part 2, Section 13.5). Whoever may use the TPM may read
// and increment them: no password could be kept from root. A counter that is deleted and
// made anew does not begin anew, but above every counter the TPM ever had (Part 3, Section 31.8).
// noDA as for sealed objects.
func counterPublic(index uint32) tpm2.TPMSNVPublic {
	return tpm2.TPMSNVPublic{
		NVIndex: tpm2.TPMHandle(counterBase + index), NameAlg: tpm2.TPMAlgSHA256, DataSize: 8,
		Attributes: tpm2.TPMANV{NT: tpm2.TPMNTCounter, AuthRead: true, AuthWrite: true, NoDA: true},
	}
}

// Counter reads a counter that only ever grows, by index 0 to MaxCounter. It is
// made when absent; its first value is anything.
func (t *TPM) Counter(index uint32) (uint64, error) { return t.count(index, false) }

// Increment adds one and returns the new value. A TPM may refuse to do so often, with
// TPM_RC_NV_RATE: once for each start of the machine is meant, not once for each ballot.
func (t *TPM) Increment(index uint32) (uint64, error) { return t.count(index, true) }

func (t *TPM) count(index uint32, increment bool) (uint64, error) {
	if index > MaxCounter {
		return 0, fmt.Errorf("tpm: there is no counter %d", index)
	}
	var value uint64
	err := t.use(func(wire transport.TPM) (err error) {
		p, err := openParent(wire)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.flush()) }()
		c, fresh, err := p.openCounter(index)
		if err != nil {
			return err
		}
		if increment || fresh { // a counter that never was incremented cannot be read
			if err := c.increment(); err != nil {
				return err
			}
		}
		value, err = c.read()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("counter %d: %w", index, err)
	}
	return value, nil
}

// A counter is an NV index that exists.
type counter struct {
	*parent
	tpm2.NamedHandle
}

// openCounter finds a counter, or makes it. fresh: it was never incremented.
func (p *parent) openCounter(index uint32) (c counter, fresh bool, err error) {
	want := counterPublic(index)
	r, err := tpm2.NVReadPublic{NVIndex: want.NVIndex}.Execute(p.wire)
	if errors.Is(err, tpm2.TPMRCHandle) {
		if err := p.define(want); err != nil {
			return c, false, err
		}
		r, err = tpm2.NVReadPublic{NVIndex: want.NVIndex}.Execute(p.wire)
	}
	if err != nil {
		return c, false, fmt.Errorf("looking for it: %w", err)
	}
	public, err := r.NVPublic.Contents()
	if err != nil {
		return c, false, fmt.Errorf("looking for it: %w", err)
	}
	fresh = !public.Attributes.Written
	want.Attributes.Written = public.Attributes.Written
	if string(tpm2.Marshal(*public)) != string(tpm2.Marshal(want)) {
		return c, false, errors.New("its place in the TPM is taken by something else")
	}
	name, err := tpm2.NVName(public)
	if err != nil {
		return c, false, err
	}
	return counter{p, tpm2.NamedHandle{Handle: want.NVIndex, Name: *name}}, fresh, nil
}

func (p *parent) define(public tpm2.TPMSNVPublic) error {
	_, err := tpm2.NVDefineSpace{AuthHandle: tpm2.TPMRHOwner, PublicInfo: tpm2.New2B(public)}.Execute(p.wire)
	if err != nil {
		return fmt.Errorf("making it: %w", err)
	}
	return nil
}

// increment adds one. The first time changes the name, which contains whether it
// was written.
func (c *counter) increment() error {
	session, end, err := c.hmacSession(none())
	if err != nil {
		return err
	}
	_, err = tpm2.NVIncrement{AuthHandle: tpm2.AuthHandle{Handle: c.Handle, Name: c.Name, Auth: session}, NVIndex: c.NamedHandle}.Execute(c.wire)
	if err := errors.Join(err, end()); err != nil {
		return fmt.Errorf("incrementing: %w", err)
	}
	public := counterPublic(uint32(c.Handle) - counterBase)
	public.Attributes.Written = true
	name, err := tpm2.NVName(&public)
	if err != nil {
		return err
	}
	c.Name = *name
	return nil
}

func (c *counter) read() (uint64, error) {
	session, end, err := c.hmacSession(none())
	if err != nil {
		return 0, err
	}
	r, err := tpm2.NVRead{AuthHandle: tpm2.AuthHandle{Handle: c.Handle, Name: c.Name, Auth: session}, NVIndex: c.NamedHandle, Size: 8}.Execute(c.wire)
	if err := errors.Join(err, end()); err != nil {
		return 0, fmt.Errorf("reading: %w", err)
	}
	if len(r.Data.Buffer) != 8 {
		return 0, errors.New("reading: another length")
	}
	return binary.BigEndian.Uint64(r.Data.Buffer), nil
}
