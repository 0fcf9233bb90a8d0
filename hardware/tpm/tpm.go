// Package tpm keeps a machine's secrets with the help of its TPM 2.0: a secret is
// sealed to what was measured when the machine started, and comes out of the same
// TPM only while the measurement is the same. It is described in docs/hardware/tpm.md, and
// docs/adr/0025-a-key-sealed-as-data.md says why keys are sealed instead of made there. Sections
// are those of the TCG's TPM 2.0 Library Specification, revision 1.59.
//
// It makes no keys and signs nothing: the sealed bytes are whatever the caller
// wants kept. It knows no passphrase: what to do without a TPM is the caller's
// business. It does not protect a running machine: whoever runs as root there unseals as
// the machine does. It clears its own copies of a secret, as far as Go lets it: what the TPM's library
// copied into a command stays in memory until that is used again.
package tpm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
	"github.com/google/go-tpm/tpm2/transport/linuxtpm"
	"github.com/google/go-tpm/tpm2/transport/linuxudstpm"
)

// Callers branch on these.
var (
	// ErrAbsent: there is no TPM 2.0 under the path, or it does not answer. The
	// station falls back to a passphrase, or stops, as its provisioning says.
	ErrAbsent = errors.New("tpm: no TPM 2.0 there")

	// ErrVirtual: the path is a socket of an emulator, which was not allowed.
	ErrVirtual = errors.New("tpm: an emulator is not allowed here")

	// ErrMeasurement: what was measured at the start differs from when the
	// secret was sealed. The machine was changed, or updated and not sealed anew.
	ErrMeasurement = errors.New("tpm: the machine was not started as it was when the secret was sealed")

	// ErrOtherTPM: the blob was sealed by another TPM, or by this one before it
	// was cleared.
	ErrOtherTPM = errors.New("tpm: sealed by another TPM")

	// ErrBlob: the blob is damaged, or is none.
	ErrBlob = errors.New("tpm: damaged blob")

	// ErrClosed: the TPM was closed.
	ErrClosed = errors.New("tpm: closed")
)

// A TPM is an open TPM. It may be used by several goroutines; they take turns. After
// every call, whatever its result, the TPM holds no object and no session of ours,
// unless it stopped answering.
type TPM struct {
	virtual bool // a socket

	mu   sync.Mutex
	wire transport.TPMCloser // nil when closed
}

// Open opens the TPM at path: a device file such as /dev/tpmrm0, or, only with
// virtual, the unix socket of swtpm. Errors wrap ErrAbsent or ErrVirtual.
//
// An emulator that hides behind a device file, as in a virtual machine, cannot be told from a TPM.
func Open(path string, virtual bool) (*TPM, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening the TPM %s: %w", path, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the TPM: %w", err)
	}
	open := linuxtpm.Open
	switch {
	case info.Mode()&fs.ModeSocket != 0 && !virtual:
		return nil, fmt.Errorf("opening the TPM %s: %w", path, ErrVirtual)
	case info.Mode()&fs.ModeSocket != 0:
		open = linuxudstpm.Open
	case info.Mode()&fs.ModeCharDevice == 0:
		return nil, fmt.Errorf("opening the TPM %s: %w: neither device nor socket", path, ErrAbsent)
	}
	wire, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the TPM %s: %w: %w", path, ErrAbsent, err)
	}
	t := &TPM{wire: wire, virtual: info.Mode()&fs.ModeSocket != 0}
	if err := t.use(isTPM2); err != nil {
		t.Close()
		return nil, fmt.Errorf("opening the TPM %s: %w: %w", path, ErrAbsent, err)
	}
	return t, nil
}

// isTPM2 asks for the family, TPM_PT_FAMILY_INDICATOR (Part 2, Section 6.13).
func isTPM2(wire transport.TPM) error {
	r, err := tpm2.GetCapability{Capability: tpm2.TPMCapTPMProperties, Property: uint32(tpm2.TPMPTFamilyIndicator), PropertyCount: 1}.Execute(wire)
	if err != nil {
		return fmt.Errorf("asking for its version: %w", err)
	}
	p, err := r.CapabilityData.Data.TPMProperties()
	if err != nil || len(p.TPMProperty) != 1 || p.TPMProperty[0].Value != 0x322e3000 { // "2.0\0"
		return errors.New("it does not say that it is a TPM 2.0")
	}
	return nil
}

// use runs f while nobody else uses the TPM. Answers of a TPM that are none, on
// which the library may panic, are errors.
func (t *TPM) use(f func(wire transport.TPM) error) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wire == nil {
		return ErrClosed
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("tpm: an answer that is none: %v", p)
		}
	}()
	return f(t.wire)
}

// Close closes the TPM. A second Close does nothing.
func (t *TPM) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wire == nil {
		return nil
	}
	err := t.wire.Close()
	t.wire = nil
	return err
}
