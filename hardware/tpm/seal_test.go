package tpm_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/hardware/tpm/tpmtest"
)

// boot is what the tests seal to.
var boot = []int{0, 2, 4, 7, 11}

func open(t testing.TB, p *tpmtest.TPM) *tpm.TPM {
	t.Helper()
	d, err := tpm.Open(p.Socket(), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func newSecret(t testing.TB, n int) tpm.Secret {
	t.Helper()
	b := make([]byte, n)
	rand.Read(b)
	s, err := tpm.NewSecret(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func seal(t testing.TB, d *tpm.TPM, s tpm.Secret, pcrs []int) []byte {
	t.Helper()
	blob, err := d.Seal(s, pcrs)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

// nothingLeft: neither objects nor sessions are in the TPM.
func nothingLeft(t testing.TB, p *tpmtest.TPM) {
	t.Helper()
	if left := p.Handles(); len(left) != 0 {
		t.Errorf("left in the TPM: %v", left)
	}
}

// unseals reports whether the blob gives the secret; an error must be why.
func unseals(t testing.TB, p *tpmtest.TPM, blob []byte, s tpm.Secret, why error) {
	t.Helper()
	got, err := open(t, p).Unseal(blob)
	if !errors.Is(err, why) {
		t.Errorf("unsealing gave %v instead of %v", err, why)
	}
	for _, other := range []error{tpm.ErrBlob, tpm.ErrMeasurement, tpm.ErrOtherTPM, tpm.ErrAbsent} {
		if other != why && errors.Is(err, other) {
			t.Errorf("unsealing gave %v, which is also %v", err, other)
		}
	}
	if want := s.Export(); (why == nil) != bytes.Equal(got.Export(), want) {
		t.Errorf("unsealing gave %x instead of %x", got.Export(), want)
	}
	nothingLeft(t, p)
}

func TestOpenRefusals(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("TPM"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A socket on which something answers that is no TPM, and one on which nobody does.
	stranger := filepath.Join(dir, "stranger")
	l, err := net.Listen("unix", stranger)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 100))
			c.Write([]byte("\x80\x01\x00\x00\x00\x0a\x00\x00\x00\x00")) // success, and nothing else
			c.Close()
		}
	}()
	dead := filepath.Join(dir, "dead")
	gone, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	gone.SetUnlinkOnClose(false)
	gone.Close()
	p := tpmtest.Start(t)
	for _, c := range []struct {
		path    string
		virtual bool
		why     error
	}{
		{filepath.Join(dir, "nothing"), true, tpm.ErrAbsent},
		{filepath.Join(dir, "nothing"), false, tpm.ErrAbsent},
		{file, true, tpm.ErrAbsent},
		{dir, true, tpm.ErrAbsent},
		{"/dev/null", false, tpm.ErrAbsent},
		{"/dev/zero", false, tpm.ErrAbsent},
		{stranger, true, tpm.ErrAbsent},
		{dead, true, tpm.ErrAbsent},
		{dead, false, tpm.ErrVirtual},
		{p.Socket(), false, tpm.ErrVirtual},
	} {
		d, err := tpm.Open(c.path, c.virtual)
		if err == nil {
			d.Close()
		}
		if !errors.Is(err, c.why) || !strings.Contains(err.Error(), "opening the TPM "+c.path) {
			t.Errorf("opening %s, virtual %v, gave %v", c.path, c.virtual, err)
		}
	}
}

func TestClosed(t *testing.T) {
	d := open(t, tpmtest.Start(t))
	blob := seal(t, d, newSecret(t, 32), boot)
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	_, sealing := d.Seal(newSecret(t, 32), boot)
	_, measuring := d.Measurement(boot)
	_, unsealing := d.Unseal(blob)
	for name, err := range map[string]error{"seal": sealing, "measurement": measuring, "unseal": unsealing} {
		if !errors.Is(err, tpm.ErrClosed) {
			t.Errorf("%s after Close gave %v", name, err)
		}
	}
}

func TestSealRefusals(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	if _, err := d.Seal(tpm.Secret{}, boot); err == nil {
		t.Error("no secret was sealed")
	}
	for _, pcrs := range [][]int{nil, {}, {-1}, {24}, {1 << 40}, {7, 0}, {7, 7}, {0, 7, 24}} {
		if _, err := d.Seal(newSecret(t, 32), pcrs); err == nil {
			t.Errorf("sealed to %v", pcrs)
		}
		if _, err := d.Measurement(pcrs); err == nil {
			t.Errorf("measured %v", pcrs)
		}
	}
	nothingLeft(t, p)
}

// TestSeal: a secret comes out of its TPM and of no other, on the machine as it was and on no
// other.
func TestSeal(t *testing.T) {
	p := tpmtest.Start(t)
	for _, n := range []int{1, 32, 64, tpm.MaxSecret} {
		s := newSecret(t, n)
		blob := seal(t, open(t, p), s, boot)
		if bytes.Contains(blob, s.Export()) && n > 4 {
			t.Error("the blob contains the secret")
		}
		if len(blob) >= 512 {
			t.Errorf("a blob of %d bytes", len(blob))
		}
		unseals(t, p, blob, s, nil)
	}
	s := newSecret(t, 32)
	blob := seal(t, open(t, p), s, boot)
	p.ExtendPCR(1)
	unseals(t, p, blob, s, nil) // PCR 1 is not among them
	p.ExtendPCR(11)
	unseals(t, p, blob, s, tpm.ErrMeasurement)
	later := seal(t, open(t, p), s, boot)
	unseals(t, p, later, s, nil) // sealed anew
	p.Restart()
	unseals(t, p, blob, s, nil)
	unseals(t, p, later, s, tpm.ErrMeasurement)
	p.Reset()
	unseals(t, p, blob, s, tpm.ErrOtherTPM)
}

// TestEveryPCR: each of 24 changes what is measured and what is unsealed.
func TestEveryPCR(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	var all []int
	for i := range 24 {
		all = append(all, i)
	}
	s := newSecret(t, 32)
	blob, before := seal(t, d, s, all), measurement(t, d, all)
	for _, i := range all {
		if i >= 17 && i <= 22 {
			continue // only a dynamic launch may write these (locality)
		}
		p.ExtendPCR(i)
		after := measurement(t, d, all)
		if after == before {
			t.Errorf("PCR %d is not in the measurement", i)
		}
		if _, err := d.Unseal(blob); !errors.Is(err, tpm.ErrMeasurement) {
			t.Errorf("after a change of PCR %d: %v", i, err)
		}
		blob, before = seal(t, d, s, all), after
		if _, err := d.Unseal(blob); err != nil {
			t.Errorf("sealed anew after a change of PCR %d: %v", i, err)
		}
	}
	nothingLeft(t, p)
}

func measurement(t *testing.T, d *tpm.TPM, pcrs []int) [32]byte {
	t.Helper()
	m, err := d.Measurement(pcrs)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMeasurement compares with what tpm2_pcrread reads.
func TestMeasurement(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	p.ExtendPCR(4)
	p.ExtendPCR(11)
	p.ExtendPCR(4)
	for list, pcrs := range map[string][]int{
		"0": {0}, "4": {4}, "23": {23}, "0,2,4,7,11": boot, "0,1,2,3,4,5,6,7": {0, 1, 2, 3, 4, 5, 6, 7}, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,23": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 23},
	} {
		out, err := p.Tool("tpm2_pcrread", "sha256:"+list)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		n := 0
		for line := range strings.Lines(out) {
			if _, value, ok := strings.Cut(line, "0x"); ok {
				b, err := hex.DecodeString(strings.TrimSpace(value))
				if err != nil {
					t.Fatal(err)
				}
				h.Write(b)
				n++
			}
		}
		if got := measurement(t, d, pcrs); n != len(pcrs) || !bytes.Equal(got[:], h.Sum(nil)) {
			t.Errorf("PCRs %s: %x, and tpm2_pcrread gives %x from %d values", list, got, h.Sum(nil), n)
		}
	}
}

// TestOwnerClears: clearing a TPM makes it another one.
func TestOwnerClears(t *testing.T) {
	p := tpmtest.Start(t)
	s := newSecret(t, 32)
	blob := seal(t, open(t, p), s, boot)
	if _, err := p.Tool("tpm2_clear", "-c", "p"); err != nil {
		t.Fatal(err)
	}
	unseals(t, p, blob, s, tpm.ErrOtherTPM)
}

// TestTogether: many goroutines, one TPM.
func TestTogether(t *testing.T) {
	p := tpmtest.Start(t)
	d := open(t, p)
	var work sync.WaitGroup
	for range 4 {
		s := newSecret(t, 32)
		work.Go(func() {
			blob, err := d.Seal(s, boot)
			if err != nil {
				t.Error(err)
				return
			}
			got, err := d.Unseal(blob)
			if err != nil || !bytes.Equal(got.Export(), s.Export()) {
				t.Errorf("unsealing gave %v", err)
			}
		})
	}
	work.Wait()
	nothingLeft(t, p)
}

func BenchmarkSeal(b *testing.B) {
	d := open(b, tpmtest.Start(b))
	s := newSecret(b, 32)
	for b.Loop() {
		seal(b, d, s, boot)
	}
}

func BenchmarkUnseal(b *testing.B) {
	d := open(b, tpmtest.Start(b))
	blob := seal(b, d, newSecret(b, 32), boot)
	for b.Loop() {
		if _, err := d.Unseal(blob); err != nil {
			b.Fatal(err)
		}
	}
}
