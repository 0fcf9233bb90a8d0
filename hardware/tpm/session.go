package tpm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// A parent is the storage root key: a primary key of the owner hierarchy from the TCG's
// template for ECC P-256 (TCG TPM v2.0 Provisioning Guidance). It
// follows from a seed in the TPM and the template, so it is the same whenever it is
// made, and need not be kept.
type parent struct {
	wire   transport.TPM
	handle tpm2.TPMHandle
	name   tpm2.TPM2BName
	public tpm2.TPMTPublic
}

// openParent makes the storage root key. flush must be called.
func openParent(wire transport.TPM) (*parent, error) {
	r, err := tpm2.CreatePrimary{PrimaryHandle: tpm2.TPMRHOwner, InPublic: tpm2.New2B(tpm2.ECCSRKTemplate)}.Execute(wire)
	if err != nil {
		return nil, fmt.Errorf("making the storage root key: %w%s", err, advice(err))
	}
	p := &parent{wire: wire, handle: r.ObjectHandle}
	if err := p.learn(r.OutPublic); err != nil {
		return nil, errors.Join(fmt.Errorf("making the storage root key: %w", err), p.flush())
	}
	return p, nil
}

// advice says what to do about a TPM that makes no root key.
func advice(err error) string {
	switch {
	case errors.Is(err, tpm2.TPMRCAuthFail), errors.Is(err, tpm2.TPMRCBadAuth):
		return ": somebody gave the TPM an owner's password; take it away, or clear the TPM in the firmware's setup and seal anew"
	case errors.Is(err, tpm2.TPMRCHierarchy):
		return ": its storage hierarchy is off; switch it on in the firmware's setup"
	case errors.Is(err, tpm2.TPMRCFailure), errors.Is(err, tpm2.TPMRCInitialize):
		return ": it is out of order; switch the machine off and on, and take another if that does not help"
	}
	return ""
}

// learn takes the public area over. The name is reckoned from the very bytes that sessions are
// salted to, not taken from the answer, which could name another key.
func (p *parent) learn(answer tpm2.TPM2BPublic) error {
	public, err := answer.Contents()
	if err != nil {
		return err
	}
	same := *public
	same.Unique = tpm2.ECCSRKTemplate.Unique
	if !bytes.Equal(tpm2.Marshal(same), tpm2.Marshal(tpm2.ECCSRKTemplate)) {
		return errors.New("it is not as it was asked for")
	}
	name, err := tpm2.ObjectName(public)
	if err != nil {
		return err
	}
	p.public, p.name = *public, *name
	return nil
}

func (p *parent) flush() error {
	_, err := tpm2.FlushContext{FlushHandle: p.handle}.Execute(p.wire)
	return err
}

// digest is the part of the name that is a hash.
func (p *parent) digest() [32]byte { return [32]byte(p.name.Buffer[len(p.name.Buffer)-sha256.Size:]) }

// hmacSession begins a session for authorizing and for parameter encryption.
//
// It is salted to the storage root key (Part 1, Section 19.6): its key follows from
// a value that only the TPM can decrypt, so whoever listens on the bus does not learn
// what is encrypted with it. Whoever can also change what goes over the bus can
// put a key of his own in place of the root key: when unsealing that is noticed,
// because the blob names the key under which it was sealed; when sealing it is not.
//
// end must be called. A session that the library begins by itself, just in time, stays in the TPM
// when its policy fails; so all are begun here.
func (p *parent) hmacSession(direction encryption) (s tpm2.Session, end func() error, err error) {
	s, end, err = tpm2.HMACSession(p.wire, tpm2.TPMAlgSHA256, nonceSize, tpm2.Salted(p.handle, p.public), direction)
	if err != nil {
		return nil, nil, fmt.Errorf("beginning a session: %w", err)
	}
	return s, end, nil
}

// policySession is the same for a policy.
func (p *parent) policySession(direction encryption) (s tpm2.Session, end func() error, err error) {
	s, end, err = tpm2.PolicySession(p.wire, tpm2.TPMAlgSHA256, nonceSize, tpm2.Salted(p.handle, p.public), direction)
	if err != nil {
		return nil, nil, fmt.Errorf("beginning a session: %w", err)
	}
	return s, end, nil
}

type encryption = tpm2.AuthOption

// The directions: what goes into the TPM, and what comes out of it. AES-128 in CFB is what
// every TPM for PCs has.
func into() encryption  { return tpm2.AESEncryption(128, tpm2.EncryptIn) }
func outOf() encryption { return tpm2.AESEncryption(128, tpm2.EncryptOut) }

// none encrypts nothing: the session only authenticates.
func none() encryption { return tpm2.Auth(nil) }

const nonceSize = 16
