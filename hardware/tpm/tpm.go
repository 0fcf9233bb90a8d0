// Package tpm keeps a machine's secrets with the help of its TPM 2.0: a secret is
// sealed to what was measured when the machine started, and comes out of the same
// TPM only while the measurement is the same (TCG TPM 2.0 Library, Part 1,
// Sections 19.7 and 27). Counters in the TPM tell an old disk from a new one.
// It is described in docs/hardware/tpm.md.
//
// It makes no keys and signs nothing: the sealed bytes are whatever the caller
// wants kept. It does not protect a running machine: whoever runs as root there
// unseals as the machine does.
package tpm

import "errors"

// Callers branch on these.
var (
	// ErrAbsent: there is no TPM under the path. The caller falls back to a
	// passphrase, or stops.
	ErrAbsent = errors.New("tpm: no TPM there")

	// ErrVirtual: the path is a socket of an emulator, which was not allowed.
	ErrVirtual = errors.New("tpm: an emulator is not allowed here")

	// ErrMeasurement: what was measured at the start differs from when the
	// secret was sealed. The machine was changed, or updated and not sealed anew.
	ErrMeasurement = errors.New("tpm: the machine was not started as when the secret was sealed")

	// ErrOtherTPM: the blob was sealed by another TPM, or by this one before it
	// was cleared.
	ErrOtherTPM = errors.New("tpm: sealed by another TPM")

	// ErrBlob: the blob is damaged, or is none.
	ErrBlob = errors.New("tpm: damaged blob")
)

var errNotYet = errors.New("tpm: not there yet")

// MaxSecret is how many bytes a secret may have.
const MaxSecret = 128

// A TPM is an open TPM. It may be used by several goroutines.
type TPM struct{}

// Open opens the TPM at path: a device file such as /dev/tpmrm0, or, only with virtual,
// the unix socket of swtpm.
func Open(path string, virtual bool) (*TPM, error) { return nil, errNotYet }

// Seal seals a secret to the present values of the PCRs (SHA-256 bank, 0 to 23, ascending,
// no duplicates, at least one).
func (t *TPM) Seal(secret Secret, pcrs []int) ([]byte, error) { return nil, errNotYet }

// Unseal gives back what Seal sealed. Errors wrap ErrMeasurement, ErrOtherTPM or
// ErrBlob where one of these is the reason.
func (t *TPM) Unseal(blob []byte) (Secret, error) { return Secret{}, errNotYet }

// Measurement is the SHA-256 digest over the present values of the PCRs: what Seal would
// seal to, to be shown and compared.
func (t *TPM) Measurement(pcrs []int) ([32]byte, error) { return [32]byte{}, errNotYet }

// Counter reads a counter that only ever grows; index 0 to 65535 is ours. It is made when
// absent.
func (t *TPM) Counter(index uint32) (uint64, error) { return 0, errNotYet }

// Increment adds one and returns the new value.
func (t *TPM) Increment(index uint32) (uint64, error) { return 0, errNotYet }

// Close closes the TPM.
func (t *TPM) Close() error { return errNotYet }
