package tpm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// pcrCount is how many PCRs a PC has (TCG PC Client Platform TPM Profile).
const pcrCount = 24

// A selection is a set of PCRs, one bit each, as in TPMS_PCR_SELECTION (Part 2,
// Section 10.6.2).
type selection [pcrCount / 8]byte

// selectPCRs takes numbers from 0 to 23, ascending.
func selectPCRs(pcrs []int) (selection, error) {
	var s selection
	if len(pcrs) == 0 {
		return s, errors.New("tpm: no PCR chosen")
	}
	for i, n := range pcrs {
		if n < 0 || n >= pcrCount || (i > 0 && n <= pcrs[i-1]) {
			return s, fmt.Errorf("tpm: PCRs %v; they are numbers from 0 to %d, ascending", pcrs, pcrCount-1)
		}
		s[n/8] |= 1 << (n % 8)
	}
	return s, nil
}

func (s selection) list() []int {
	var list []int
	for n := range pcrCount {
		if s[n/8]&(1<<(n%8)) != 0 {
			list = append(list, n)
		}
	}
	return list
}

// wire is the selection in the SHA-256 bank.
func (s selection) wire() tpm2.TPMLPCRSelection {
	return tpm2.TPMLPCRSelection{PCRSelections: []tpm2.TPMSPCRSelection{{Hash: tpm2.TPMAlgSHA256, PCRSelect: slices.Clone(s[:])}}}
}

// policy is the digest of a policy that is PolicyPCR alone (Part 3, Section 23.7):
// H(0…0 ‖ TPM_CC_PolicyPCR ‖ pcrs ‖ pcrDigest). No trial session is asked, so nobody on the
// bus can answer for one.
func (s selection) policy(measurement [32]byte) [32]byte {
	b := make([]byte, 32)
	b = binary.BigEndian.AppendUint32(b, uint32(tpm2.TPMCCPolicyPCR))
	b = binary.BigEndian.AppendUint32(b, 1) // one bank
	b = binary.BigEndian.AppendUint16(b, uint16(tpm2.TPMAlgSHA256))
	b = append(b, byte(len(s)))
	b = append(b, s[:]...)
	b = append(b, measurement[:]...)
	return sha256.Sum256(b)
}

// Measurement is the SHA-256 digest over the present values of the PCRs (SHA-256 bank, 0 to 23,
// ascending): what Seal would seal to, to be shown and compared.
func (t *TPM) Measurement(pcrs []int) ([32]byte, error) {
	s, err := selectPCRs(pcrs)
	if err != nil {
		return [32]byte{}, err
	}
	var m [32]byte
	err = t.use(func(wire transport.TPM) error {
		m, _, err = s.measure(wire)
		return err
	})
	return m, err
}

// measure reads the PCRs. A TPM gives at most eight at a time, so it is asked
// several times; when something was measured meanwhile it begins anew. blank are those
// into which nothing was ever measured.
func (s selection) measure(wire transport.TPM) (m [32]byte, blank []int, err error) {
	for range 5 {
		values, steady, err := s.read(wire)
		if err != nil {
			return m, nil, fmt.Errorf("reading PCRs: %w", err)
		}
		if !steady {
			continue
		}
		h := sha256.New()
		for i, n := range s.list() {
			h.Write(values[i])
			if isBlank(values[i]) {
				blank = append(blank, n)
			}
		}
		return [32]byte(h.Sum(nil)), blank, nil
	}
	return m, nil, errors.New("reading PCRs: they change all the time")
}

// isBlank: a PCR begins with all bits 0, or, where only a dynamic launch writes, 1 (TCG
// PC Client Platform TPM Profile).
func isBlank(value []byte) bool {
	return bytes.Count(value, []byte{0}) == len(value) || bytes.Count(value, []byte{0xff}) == len(value)
}

// read returns the values in the order of list.
func (s selection) read(wire transport.TPM) (values [][]byte, steady bool, err error) {
	var counter uint32
	for asked := range slices.Chunk(s.list(), 8) {
		part, err := selectPCRs(asked)
		if err != nil {
			return nil, false, err
		}
		r, err := tpm2.PCRRead{PCRSelectionIn: part.wire()}.Execute(wire)
		if err != nil {
			return nil, false, err
		}
		got := r.PCRSelectionOut.PCRSelections
		if len(got) != 1 || got[0].Hash != tpm2.TPMAlgSHA256 || !slices.Equal(got[0].PCRSelect, part[:]) || len(r.PCRValues.Digests) != len(asked) {
			return nil, false, errors.New("the TPM has no SHA-256 bank with all of them: switch the bank on in the firmware's setup")
		}
		if len(values) > 0 && r.PCRUpdateCounter != counter {
			return nil, false, nil
		}
		counter = r.PCRUpdateCounter
		for _, d := range r.PCRValues.Digests {
			if len(d.Buffer) != sha256.Size {
				return nil, false, errors.New("a value has another length")
			}
			values = append(values, d.Buffer)
		}
	}
	return values, true, nil
}
