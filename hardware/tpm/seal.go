package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Seal seals a secret to the present values of the PCRs (SHA-256 bank, 0 to 23,
// ascending, at least one). The blob is no secret. It is worth nothing without this TPM, and
// under 512 bytes long.
//
// A PCR into which nothing was measured tells no machine from another: on a TPM that is not virtual
// that is an error.
func (t *TPM) Seal(secret Secret, pcrs []int) ([]byte, error) {
	plain := secret.Export()
	if len(plain) == 0 {
		return nil, errors.New("tpm: sealing no secret")
	}
	defer clear(plain)
	s, err := selectPCRs(pcrs)
	if err != nil {
		return nil, err
	}
	var out []byte
	err = t.use(func(wire transport.TPM) error {
		b, err := t.seal(wire, plain, s)
		if err == nil {
			out = b.marshal()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return out, nil
}

func (t *TPM) seal(wire transport.TPM, plain []byte, s selection) (b blob, err error) {
	b.pcrs = s
	var blank []int
	if b.measurement, blank, err = s.measure(wire); err != nil {
		return b, err
	}
	if len(blank) > 0 && !t.virtual {
		return b, fmt.Errorf("nothing was measured into PCRs %v: switch measured boot on in the firmware's setup, or choose other PCRs", blank)
	}
	p, err := openParent(wire)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, p.flush()) }()
	b.parent = p.digest()
	session, end, err := p.hmacSession(into())
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, end()) }()
	template := b.public()
	template.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgKeyedHash, &tpm2.TPM2BDigest{})
	r, err := tpm2.Create{
		ParentHandle: tpm2.AuthHandle{Handle: p.handle, Name: p.name, Auth: session},
		InSensitive:  tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{Data: tpm2.NewTPMUSensitiveCreate(&tpm2.TPM2BSensitiveData{Buffer: plain})}},
		InPublic:     tpm2.New2B(template),
	}.Execute(wire)
	if err != nil {
		return b, err
	}
	return b.complete(r)
}

// complete takes over what the TPM made, and refuses what was not asked for.
func (b blob) complete(r *tpm2.CreateResponse) (blob, error) {
	public, err := r.OutPublic.Contents()
	if err != nil {
		return b, err
	}
	unique, err := public.Unique.KeyedHash()
	if err != nil || len(unique.Buffer) != len(b.unique) || len(r.OutPrivate.Buffer) == 0 || len(r.OutPrivate.Buffer) > maxPrivate {
		return b, errors.New("the TPM made another object")
	}
	copy(b.unique[:], unique.Buffer)
	want := b.public()
	if string(tpm2.Marshal(want)) != string(tpm2.Marshal(public)) {
		return b, errors.New("the TPM made another object")
	}
	b.private = r.OutPrivate.Buffer
	return b, nil
}

// Unseal gives back what Seal sealed. Errors wrap ErrBlob, ErrOtherTPM or
// ErrMeasurement where one of these is the reason, looked for in this order.
func (t *TPM) Unseal(in []byte) (Secret, error) {
	b, err := parseBlob(in)
	if err != nil {
		return Secret{}, fmt.Errorf("unsealing: %w", err)
	}
	var secret Secret
	err = t.use(func(wire transport.TPM) error {
		plain, err := unseal(wire, b)
		defer clear(plain) // with an error too: ending the session may have failed
		if err != nil {
			return err
		}
		secret, err = NewSecret(plain)
		return err
	})
	if err != nil {
		return Secret{}, fmt.Errorf("unsealing: %w", err)
	}
	return secret, nil
}

func unseal(wire transport.TPM, b blob) (plain []byte, err error) {
	p, err := openParent(wire)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.flush()) }()
	if p.digest() != b.parent {
		return nil, ErrOtherTPM
	}
	now, _, err := b.pcrs.measure(wire)
	if err != nil {
		return nil, err
	}
	object, err := p.load(b)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, flush(wire, object.Handle)) }()
	if now != b.measurement {
		return nil, ErrMeasurement // the TPM would say the same; this spares it the attempt
	}
	return p.openObject(object, b.pcrs)
}

// load puts the sealed object into the TPM, which checks that it is its own.
func (p *parent) load(b blob) (tpm2.NamedHandle, error) {
	session, end, err := p.hmacSession(none()) // what is loaded is encrypted already
	if err != nil {
		return tpm2.NamedHandle{}, err
	}
	public := b.public()
	r, err := tpm2.Load{
		ParentHandle: tpm2.AuthHandle{Handle: p.handle, Name: p.name, Auth: session},
		InPrivate:    tpm2.TPM2BPrivate{Buffer: b.private},
		InPublic:     tpm2.New2B(public),
	}.Execute(p.wire)
	ended := end()
	if damaged(err) {
		return tpm2.NamedHandle{}, fmt.Errorf("%w: %w", ErrBlob, err)
	}
	if err != nil {
		return tpm2.NamedHandle{}, err
	}
	if ended != nil {
		return tpm2.NamedHandle{}, errors.Join(ended, flush(p.wire, r.ObjectHandle))
	}
	name, err := tpm2.ObjectName(&public)
	if err != nil {
		return tpm2.NamedHandle{}, errors.Join(err, flush(p.wire, r.ObjectHandle))
	}
	return tpm2.NamedHandle{Handle: r.ObjectHandle, Name: *name}, nil
}

// damaged reports whether the TPM says of what was loaded that it is not what it
// once made.
func damaged(err error) bool {
	for _, rc := range []tpm2.TPMRC{tpm2.TPMRCIntegrity, tpm2.TPMRCSize, tpm2.TPMRCInsufficient, tpm2.TPMRCSensitive, tpm2.TPMRCBinding} {
		if errors.Is(err, rc) {
			return true
		}
	}
	return false
}

// openObject unseals a loaded object under the policy of the PCRs as they are now.
func (p *parent) openObject(object tpm2.NamedHandle, s selection) (plain []byte, err error) {
	session, end, err := p.policySession(outOf())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if _, err := (tpm2.PolicyPCR{PolicySession: session.Handle(), Pcrs: s.wire()}).Execute(p.wire); err != nil {
		return nil, err
	}
	r, err := tpm2.Unseal{ItemHandle: tpm2.AuthHandle{Handle: object.Handle, Name: object.Name, Auth: session}}.Execute(p.wire)
	if errors.Is(err, tpm2.TPMRCPolicyFail) || errors.Is(err, tpm2.TPMRCPCRChanged) {
		return nil, fmt.Errorf("%w: %w", ErrMeasurement, err)
	}
	if err != nil {
		return nil, err
	}
	return r.OutData.Buffer, nil
}

func flush(wire transport.TPM, handle tpm2.TPMHandle) error {
	_, err := tpm2.FlushContext{FlushHandle: handle}.Execute(wire)
	return err
}
