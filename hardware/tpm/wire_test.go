package tpm

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"github.com/openreferendum/referendum/hardware/tpm/tpmtest"
)

// A tap is the bus between us and the TPM: it sees and may change everything.
type tap struct {
	transport.TPMCloser
	around func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error)
}

func (b *tap) Send(command []byte) ([]byte, error) {
	return b.around(command, b.TPMCloser.Send)
}

// code is the command code of a command.
func code(command []byte) tpm2.TPMCC { return tpm2.TPMCC(binary.BigEndian.Uint32(command[6:])) }

// answer is a response with only a code.
func answer(rc uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{0x80, 0x01, 0, 0, 0, 10}, rc)
}

func tapped(t *testing.T, p *tpmtest.TPM, around func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error)) *TPM {
	t.Helper()
	d, err := Open(p.Socket(), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	d.wire = &tap{d.wire, around}
	return d
}

func honest(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) { return send(command) }

func secretOf(t *testing.T, b []byte) Secret {
	t.Helper()
	s, err := NewSecret(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func nothingLeft(t *testing.T, p *tpmtest.TPM, when string) {
	t.Helper()
	if left := p.Handles(); len(left) != 0 {
		t.Errorf("%s, left in the TPM: %v", when, left)
	}
}

var bootPCRs = []int{0, 7}

// TestBusSeesNothing records everything that goes over the bus.
func TestBusSeesNothing(t *testing.T) {
	p := tpmtest.Start(t)
	var bus bytes.Buffer
	d := tapped(t, p, func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
		bus.Write(command)
		r, err := send(command)
		bus.Write(r)
		return r, err
	})
	plain := []byte("a secret of thirty-two letters ..")
	s := secretOf(t, plain)
	blob, err := d.Seal(s, bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.Unseal(blob); err != nil || !bytes.Equal(got.Export(), plain) {
		t.Fatalf("unsealing gave %v", err)
	}
	if bytes.Contains(bus.Bytes(), plain[:8]) {
		t.Error("the secret went over the bus")
	}
	// The recorder would have seen it: without encryption it is there.
	parent, err := openParent(d.wire)
	if err != nil {
		t.Fatal(err)
	}
	defer parent.flush()
	template := someBlob().public()
	template.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgKeyedHash, &tpm2.TPM2BDigest{})
	_, err = tpm2.Create{ParentHandle: tpm2.AuthHandle{Handle: parent.handle, Name: parent.name, Auth: tpm2.PasswordAuth(nil)}, InPublic: tpm2.New2B(template),
		InSensitive: tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{Data: tpm2.NewTPMUSensitiveCreate(&tpm2.TPM2BSensitiveData{Buffer: plain})}}}.Execute(d.wire)
	if err != nil || !bytes.Contains(bus.Bytes(), plain) {
		t.Errorf("the recorder does not see a secret that is not encrypted: %v", err)
	}
}

// swapKey puts another public key in place of the storage root key's, as
// somebody does who wants the sessions to be salted to a key of his.
func swapKey(t *testing.T, response []byte) []byte {
	t.Helper()
	public, err := tpm2.ECCSRKTemplate.Unique.ECC()
	if err != nil || len(public.X.Buffer) != 32 {
		t.Fatal(err)
	}
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point := k.PublicKey().Bytes()[1:]
	// TPM2B_PUBLIC of the template: both coordinates with their lengths come at its end.
	template := tpm2.Marshal(tpm2.New2B(tpm2.ECCSRKTemplate))
	start := bytes.Index(response, template[:len(template)-68])
	if start < 0 {
		t.Fatal("there is no public area in the response")
	}
	out := slices.Clone(response)
	end := start + len(template)
	copy(out[end-66:], point[:32])
	copy(out[end-32:], point[32:])
	return out
}

// TestKeySwappedOnTheBus: sessions of unsealing are salted to the key that the blob names, to no other.
func TestKeySwappedOnTheBus(t *testing.T) {
	p := tpmtest.Start(t)
	blob, err := tapped(t, p, honest).Seal(secretOf(t, []byte("secret")), bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	sessions := 0
	d := tapped(t, p, func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
		r, err := send(command)
		switch code(command) {
		case tpm2.TPMCCCreatePrimary:
			r = swapKey(t, r)
		case tpm2.TPMCCStartAuthSession:
			sessions++
		}
		return r, err
	})
	if _, err := d.Unseal(blob); !errors.Is(err, ErrOtherTPM) {
		t.Errorf("unsealing gave %v", err)
	}
	if sessions != 0 {
		t.Error("a session was salted to somebody's key")
	}
	nothingLeft(t, p, "after the swap")
}

// TestTemplateChangedOnTheBus: a root key with other attributes is refused when sealing too.
func TestTemplateChangedOnTheBus(t *testing.T) {
	p := tpmtest.Start(t)
	d := tapped(t, p, func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
		r, err := send(command)
		if code(command) == tpm2.TPMCCCreatePrimary {
			template := tpm2.Marshal(tpm2.New2B(tpm2.ECCSRKTemplate))
			start := bytes.Index(r, template[:len(template)-68])
			r = slices.Clone(r)
			r[start+2+2+2+3] ^= 0x02 // fixedTPM, in the lowest byte of the attributes
		}
		return r, err
	})
	if _, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs); err == nil || !strings.Contains(err.Error(), "not as it was asked for") {
		t.Errorf("sealing gave %v", err)
	}
	nothingLeft(t, p, "after the change")
}

// TestMeasuredMeanwhile: the machine changes between our look and the TPM's. The TPM is
// what decides.
func TestMeasuredMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		at tpm2.TPMCC
		rc tpm2.TPMRC
	}{
		"before the policy":      {tpm2.TPMCCPolicyPCR, tpm2.TPMRCPolicyFail},
		"after the policy":       {tpm2.TPMCCUnseal, tpm2.TPMRCPCRChanged},
		"while the object loads": {tpm2.TPMCCLoad, tpm2.TPMRCPolicyFail},
	} {
		t.Run(name, func(t *testing.T) {
			p := tpmtest.Start(t)
			done := false
			d := tapped(t, p, func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
				if code(command) == c.at && !done {
					done = true
					p.ExtendPCR(7)
				}
				return send(command)
			})
			blob, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Unseal(blob); !errors.Is(err, ErrMeasurement) || !errors.Is(err, c.rc) {
				t.Errorf("unsealing gave %v", err)
			}
			nothingLeft(t, p, "afterwards")
		})
	}
}

// TestMeasurementIsSteady: PCRs that change between two readings are read again.
func TestMeasurementIsSteady(t *testing.T) {
	p := tpmtest.Start(t)
	reads, changes := 0, 0
	d := tapped(t, p, func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
		if code(command) == tpm2.TPMCCPCRRead {
			reads++
			if reads%2 == 0 && reads/2 <= changes {
				p.ExtendPCR(0)
			}
		}
		return send(command)
	})
	long := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	changes = 2
	got, err := d.Measurement(long)
	if err != nil || reads != 6 {
		t.Fatalf("%d readings, %v", reads, err)
	}
	if again, err := d.Measurement(long); err != nil || again != got {
		t.Errorf("%x, then %x, %v", got, again, err)
	}
	reads, changes = 0, 1000
	if _, err := d.Measurement(long); err == nil || !strings.Contains(err.Error(), "change all the time") {
		t.Errorf("measuring gave %v", err)
	}
}

// TestForgedBlobs: blobs whose sum is right and whose content is not. The TPM finds out, or nobody is asked.
func TestForgedBlobs(t *testing.T) {
	p := tpmtest.Start(t)
	d := tapped(t, p, honest)
	good, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parseBlob(good)
	if err != nil {
		t.Fatal(err)
	}
	other, err := d.Seal(secretOf(t, []byte("another")), bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	o, err := parseBlob(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(b *blob)
		why    error
	}{
		"another parent":              {func(b *blob) { b.parent[0] ^= 1 }, ErrOtherTPM},
		"another measurement":         {func(b *blob) { b.measurement[31] ^= 1 }, ErrBlob},
		"fewer PCRs":                  {func(b *blob) { b.pcrs[0] = 1 }, ErrBlob},
		"another unique":              {func(b *blob) { b.unique[5] ^= 1 }, ErrBlob},
		"private of another":          {func(b *blob) { b.private = o.private }, ErrBlob},
		"first byte of private":       {func(b *blob) { b.private[0] ^= 1 }, ErrBlob},
		"integrity value changed":     {func(b *blob) { b.private[9] ^= 1 }, ErrBlob},
		"last byte of private":        {func(b *blob) { b.private[len(b.private)-1] ^= 1 }, ErrBlob},
		"private cut off":             {func(b *blob) { b.private = b.private[:len(b.private)-1] }, ErrBlob},
		"private of one byte":         {func(b *blob) { b.private = b.private[:1] }, ErrBlob},
		"private longer":              {func(b *blob) { b.private = append(b.private, 0) }, ErrBlob},
		"private of the largest size": {func(b *blob) { b.private = make([]byte, maxPrivate) }, ErrBlob},
	} {
		t.Run(name, func(t *testing.T) {
			forged := b
			forged.private = slices.Clone(b.private)
			c.change(&forged)
			if s, err := d.Unseal(forged.marshal()); !errors.Is(err, c.why) || s.Export() != nil {
				t.Errorf("unsealing gave %v instead of %v", err, c.why)
			}
			nothingLeft(t, p, "afterwards")
		})
	}
}

// TestNoPasswordOpens: the policy is the only way, for its owner too.
func TestNoPasswordOpens(t *testing.T) {
	p := tpmtest.Start(t)
	d := tapped(t, p, honest)
	in, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parseBlob(in)
	if err != nil {
		t.Fatal(err)
	}
	key, err := openParent(d.wire)
	if err != nil {
		t.Fatal(err)
	}
	defer key.flush()
	object, err := key.load(b)
	if err != nil {
		t.Fatal(err)
	}
	defer flush(d.wire, object.Handle)
	if r, err := (tpm2.Unseal{ItemHandle: tpm2.AuthHandle{Handle: object.Handle, Name: object.Name, Auth: tpm2.PasswordAuth(nil)}}).Execute(d.wire); !errors.Is(err, tpm2.TPMRCAuthUnavailable) {
		t.Errorf("an empty password gave %v, %v", r, err)
	}
	// A policy of other PCRs, and one of none.
	session, end, err := key.policySession(outOf())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if _, err := (tpm2.Unseal{ItemHandle: tpm2.AuthHandle{Handle: object.Handle, Name: object.Name, Auth: session}}).Execute(d.wire); !errors.Is(err, tpm2.TPMRCPolicyFail) {
		t.Errorf("an empty policy gave %v", err)
	}
}

// TestPolicyDigest compares what we reckon with a trial session of the TPM.
func TestPolicyDigest(t *testing.T) {
	p := tpmtest.Start(t)
	d := tapped(t, p, honest)
	for _, pcrs := range [][]int{{0}, {23}, bootPCRs, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}} {
		p.ExtendPCR(pcrs[0])
		s, err := selectPCRs(pcrs)
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := s.measure(d.wire)
		if err != nil {
			t.Fatal(err)
		}
		trial, end, err := tpm2.PolicySession(d.wire, tpm2.TPMAlgSHA256, nonceSize, tpm2.Trial())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (tpm2.PolicyPCR{PolicySession: trial.Handle(), Pcrs: s.wire()}).Execute(d.wire); err != nil {
			t.Fatal(err)
		}
		r, err := tpm2.PolicyGetDigest{PolicySession: trial.Handle()}.Execute(d.wire)
		if err != nil {
			t.Fatal(err)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
		if got := s.policy(m); !bytes.Equal(got[:], r.PolicyDigest.Buffer) {
			t.Errorf("PCRs %v: %x, and the TPM says %x", pcrs, got, r.PolicyDigest.Buffer)
		}
	}
}

// TestNothingMeasured: a real TPM into whose PCRs nobody measures is no protection.
func TestNothingMeasured(t *testing.T) {
	p := tpmtest.Start(t)
	d := tapped(t, p, honest)
	d.virtual = false // as if it were one
	s := secretOf(t, []byte("secret"))
	p.ExtendPCR(0)
	for blank, pcrs := range map[string][]int{"[7]": {0, 7}, "[4 7 9 11]": {0, 4, 7, 9, 11}, "[17]": {0, 17}, "[23]": {23}} {
		if b, err := d.Seal(s, pcrs); err == nil || b != nil || !strings.Contains(err.Error(), "nothing was measured into PCRs "+blank+": switch measured boot on") {
			t.Errorf("sealing to %v gave %v", pcrs, err)
		}
	}
	p.ExtendPCR(7)
	blob, err := d.Seal(s, bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Unseal(blob); err != nil {
		t.Error(err)
	}
	p.Restart() // and nothing is measured any more
	again := tapped(t, p, honest)
	again.virtual = false
	if _, err := again.Unseal(blob); !errors.Is(err, ErrMeasurement) {
		t.Errorf("unsealing gave %v", err)
	}
	nothingLeft(t, p, "afterwards")
}

// TestAdvice: a TPM that cannot be used as it is says what to do about it.
func TestAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		tool []string
		says string
	}{
		"an owner's password": {[]string{"tpm2_changeauth", "-c", "owner", "of-somebody"}, "an owner's password"},
		"no hierarchy":        {[]string{"tpm2_hierarchycontrol", "-C", "o", "shEnable", "clear"}, "its storage hierarchy is off"},
	} {
		t.Run(name, func(t *testing.T) {
			p := tpmtest.Start(t)
			blob, err := tapped(t, p, honest).Seal(secretOf(t, []byte("secret")), bootPCRs)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Tool(c.tool[0], c.tool[1:]...); err != nil {
				t.Fatal(err)
			}
			for job, do := range work(tapped(t, p, honest), blob) {
				if err := do(); job != "measurement" && (err == nil || !strings.Contains(err.Error(), c.says)) {
					t.Errorf("%s gave %v", job, err)
				}
			}
			nothingLeft(t, p, "afterwards")
		})
	}
	d := tapped(t, tpmtest.Start(t), func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return answer(0x101), nil })
	if _, err := d.Unseal(someBlob().marshal()); err == nil || !strings.Contains(err.Error(), "it is out of order; switch the machine off and on") {
		t.Errorf("a TPM in failure mode gave %v", err)
	}
}

// TestLockout: somebody guesses passwords of something else until the TPM locks
// itself. The station starts all the same.
func TestLockout(t *testing.T) {
	p := tpmtest.Start(t)
	d := tapped(t, p, honest)
	blob, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	guessable := tpm2.TPMSNVPublic{NVIndex: 0x01800001, NameAlg: tpm2.TPMAlgSHA256, DataSize: 8, Attributes: tpm2.TPMANV{NT: tpm2.TPMNTOrdinary, AuthRead: true, AuthWrite: true}}
	if _, err := (tpm2.NVDefineSpace{AuthHandle: tpm2.TPMRHOwner, Auth: tpm2.TPM2BAuth{Buffer: []byte("password")}, PublicInfo: tpm2.New2B(guessable)}).Execute(d.wire); err != nil {
		t.Fatal(err)
	}
	name, err := tpm2.NVName(&guessable)
	if err != nil {
		t.Fatal(err)
	}
	locked := false
	for i := 0; i < 100 && !locked; i++ {
		index := tpm2.NamedHandle{Handle: guessable.NVIndex, Name: *name}
		_, err := tpm2.NVWrite{AuthHandle: tpm2.AuthHandle{Handle: index.Handle, Name: index.Name, Auth: tpm2.PasswordAuth(fmt.Append(nil, i))}, NVIndex: index, Data: tpm2.TPM2BMaxNVBuffer{Buffer: make([]byte, 8)}}.Execute(d.wire)
		locked = errors.Is(err, tpm2.TPMRCLockout)
	}
	if !locked {
		t.Fatal("the TPM did not lock itself")
	}
	if _, err := d.Unseal(blob); err != nil {
		t.Errorf("unsealing in lockout gave %v", err)
	}
	if _, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs); err != nil {
		t.Errorf("sealing in lockout gave %v", err)
	}
}

// work is everything that uses the TPM.
func work(d *TPM, blob []byte) map[string]func() error {
	return map[string]func() error{
		"seal": func() error {
			s, err := NewSecret([]byte("secret"))
			if err == nil {
				_, err = d.Seal(s, bootPCRs)
			}
			return err
		},
		"unseal":      func() error { _, err := d.Unseal(blob); return err },
		"measurement": func() error { _, err := d.Measurement([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}); return err },
	}
}

// held counts objects and sessions in the TPM, as it says itself.
func held(t *testing.T, wire transport.TPM) int {
	t.Helper()
	n := 0
	for _, first := range []uint32{0x80000000, 0x02000000, 0x03000000} { // transient, loaded and saved sessions
		r, err := tpm2.GetCapability{Capability: tpm2.TPMCapHandles, Property: first, PropertyCount: 100}.Execute(wire)
		if err != nil {
			t.Fatal(err)
		}
		list, err := r.CapabilityData.Data.Handles()
		if err != nil {
			t.Fatal(err)
		}
		n += len(list.Handle)
	}
	return n
}

// TestEveryCommandFails lets each command of each operation fail once: the TPM refuses it, or its answer is cut off,
// or is nonsense. It is an error, no panic, and nothing stays in the TPM that could be known of.
func TestEveryCommandFails(t *testing.T) {
	for name, fault := range map[string]struct {
		answer func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error)
		clean  bool // whether the TPM did nothing, so that nothing is left
	}{
		"refused":    {func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return answer(0x922), nil }, true}, // TPM_RC_RETRY
		"failure":    {func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return answer(0x101), nil }, true}, // TPM_RC_FAILURE
		"no answer":  {func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return nil, os.ErrDeadlineExceeded }, true},
		"empty":      {func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return []byte{}, nil }, true},
		"only a yes": {func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return answer(0), nil }, true},
		"cut off": {func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
			r, err := send(command)
			return r[:len(r)*2/3], err
		}, false},
		"nonsense": {func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
			r, err := send(command)
			if len(r) <= 10 {
				return r[:5], err // there is nothing to change
			}
			for i := 10; i < len(r); i++ {
				r[i] ^= 0xff
			}
			return r, err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := tpmtest.Start(t)
			at, n := -1, 0
			flushing := false
			d := tapped(t, p, func(command []byte, send func([]byte) ([]byte, error)) ([]byte, error) {
				n++
				if n-1 != at {
					return send(command)
				}
				flushing = code(command) == tpm2.TPMCCFlushContext
				return fault.answer(command, send)
			})
			plain := d.wire.(*tap).TPMCloser
			blob, err := d.Seal(secretOf(t, []byte("secret")), bootPCRs)
			if err != nil {
				t.Fatal(err)
			}
			for job, do := range work(d, blob) {
				for at = 0; ; at++ {
					n, flushing = 0, false
					err := do()
					if n <= at {
						break // it has fewer commands
					}
					// A flush that is answered by a bare yes was, for all that anybody can know, done.
					if err == nil && !(flushing && (name == "only a yes" || name == "nonsense")) {
						t.Errorf("%s: command %d %s, and no error", job, at, name)
					}
					if fault.clean && !flushing {
						if left := held(t, plain); left != 0 {
							t.Errorf("%s: command %d %s, and %d things are left in the TPM", job, at, name, left)
						}
					} else {
						p.Restart() // no resource manager is here that would tidy up
					}
				}
				at = -1
				if err := do(); err != nil {
					t.Errorf("%s afterwards: %v", job, err)
				}
			}
		})
	}
}

// FuzzAnswers gives the operations answers that anybody may have made: errors, never a panic or a secret.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("\x80\x01\x00\x00\x00\x0a\x00\x00\x00\x00"), uint8(0))
	f.Add([]byte("\x80\x02\x00\x00\x00\x13\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00"), uint8(1))
	f.Add([]byte("\x80\x02\xff\xff\xff\xff\x00\x00\x00\x00\x80\x00\x00\x00\xff\xff\xff\xff\xff\xff"), uint8(3))
	f.Add(append([]byte("\x80\x02\x00\x00\x00\x80\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x70"), tpm2.Marshal(tpm2.New2B(tpm2.ECCSRKTemplate))...), uint8(1))
	blob := someBlob().marshal()
	f.Fuzz(func(t *testing.T, r []byte, job uint8) {
		d := &TPM{wire: &tap{nil, func([]byte, func([]byte) ([]byte, error)) ([]byte, error) { return slices.Clone(r), nil }}}
		names := []string{"measurement", "seal", "unseal"}
		if err := work(d, blob)[names[int(job)%len(names)]](); err == nil {
			t.Errorf("%s believed %x", names[int(job)%len(names)], r)
		}
	})
}

// TestIndependentUnseal: what we seal, the programs of tpm2-tools unseal, from the blob and
// the documented template alone.
func TestIndependentUnseal(t *testing.T) {
	p := tpmtest.Start(t)
	p.ExtendPCR(7)
	plain := []byte("what was sealed")
	in, err := tapped(t, p, honest).Seal(secretOf(t, plain), bootPCRs)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parseBlob(in)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in2 := func(name string) string { return filepath.Join(dir, name) }
	for name, content := range map[string][]byte{"pub": tpm2.Marshal(tpm2.New2B(b.public())), "priv": tpm2.Marshal(tpm2.TPM2BPrivate{Buffer: b.private}), "unique": uniqueOfTemplate()} {
		if err := os.WriteFile(in2(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][]string{
		{"tpm2_createprimary", "-C", "o", "-g", "sha256", "-G", "ecc256:null:aes128cfb", "-a", "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt", "-u", in2("unique"), "-c", in2("primary")},
		{"tpm2_flushcontext", "-t"},
		{"tpm2_load", "-C", in2("primary"), "-u", in2("pub"), "-r", in2("priv"), "-c", in2("object")},
		{"tpm2_flushcontext", "-t"},
	} {
		if _, err := p.Tool(c[0], c[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	got, err := p.Tool("tpm2_unseal", "-c", in2("object"), "-p", "pcr:sha256:0,7")
	if err != nil || got != string(plain) {
		t.Errorf("tpm2_unseal gives %q, %v", got, err)
	}
	p.ExtendPCR(7)
	if got, err := p.Tool("tpm2_unseal", "-c", in2("object"), "-p", "pcr:sha256:0,7"); err == nil {
		t.Errorf("after a change tpm2_unseal gives %q", got)
	}
}

// uniqueOfTemplate is TPMS_ECC_POINT of the template as tpm2_createprimary reads it: as
// it lies in memory, each coordinate with 128 bytes of room.
func uniqueOfTemplate() []byte {
	coordinate := append(binary.NativeEndian.AppendUint16(nil, 32), make([]byte, 128)...)
	return append(coordinate, coordinate...)
}
