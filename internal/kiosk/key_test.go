package kiosk_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// sealedMachine is a machine with a TPM, before it is provisioned, and its key.
func sealedMachine(t testing.TB, kind string) (*kiosktest.Machine, provisioning.SecretKey) {
	t.Helper()
	m := kiosktest.New(t, kind, 3)
	m.Config.Key = kiosk.Key{File: m.Path("station.sealed"), TPM: m.Booth.TPM.Socket(), PCRs: []int{0, 7}}
	key, err := provisioning.ReadKey(m.Path("station.age"), kiosktest.Passphrase)
	must(t, err)
	return m, key
}

// startOnce starts the machine without anybody who knows a passphrase.
func startOnce(m *kiosktest.Machine) error {
	o := m.Options()
	o.Passphrase = nil
	k, err := kiosk.Start(m.Config, o)
	if err == nil {
		err = k.Close()
	}
	return err
}

// lastEntry is what the machine's log ends with.
func lastEntry(t testing.TB, m *kiosktest.Machine) stationlog.Entry {
	t.Helper()
	b, err := logbook.Open(m.Config.LogPaths(), m.World.Election.ID, m.Config.Station)
	must(t, err)
	all := b.Entries()
	must(t, b.Close())
	if len(all) == 0 {
		t.Fatal("the log is empty")
	}
	return all[len(all)-1]
}

// TestKeyThatDoesNotOpen: each reason has its error, and its word in the log.
func TestKeyThatDoesNotOpen(t *testing.T) {
	m, _ := sealedMachine(t, record.TestDeck)
	m.Provision(t, record.Hash{})
	sealed, err := os.ReadFile(m.Config.Key.File)
	must(t, err)
	put := func(b []byte) func() { return func() { must(t, os.WriteFile(m.Config.Key.File, b, 0o600)) } }
	foreign := func(b []byte) func() {
		return func() {
			d, err := tpm.Open(m.Booth.TPM.Socket(), true)
			must(t, err)
			s, err := tpm.NewSecret(b)
			must(t, err)
			other, err := d.Seal(s, m.Config.Key.PCRs)
			must(t, errors.Join(err, d.Close()))
			put(other)()
		}
	}
	stranger, err := provisioning.GenerateKey(bytes.NewReader(make([]byte, 32)))
	must(t, err)
	changed := bytes.Clone(sealed)
	changed[200] ^= 1
	for _, c := range []struct {
		name string
		set  func()
		why  error
		says string // in the error
		log  stationlog.SealError
	}{
		{"changed", put(changed), tpm.ErrBlob, "", stationlog.SealDamaged},
		{"cut off", put(sealed[:100]), tpm.ErrBlob, "", stationlog.SealDamaged},
		{"far too long", put(make([]byte, kiosk.MaxKeyFile+1)), tpm.ErrBlob, "reading the sealed key", stationlog.SealDamaged},
		{"gone", func() { must(t, os.Remove(m.Config.Key.File)) }, os.ErrNotExist, "", stationlog.SealDamaged},
		{"no signing key", foreign([]byte("a file system's key")), tpm.ErrBlob, "not a signing key", stationlog.SealDamaged},
		{"another measurement", func() { put(sealed)(); m.Booth.TPM.ExtendPCR(0) }, tpm.ErrMeasurement, "", stationlog.OtherMeasurement},
		{"TPM off", m.Booth.TPM.Stop, tpm.ErrAbsent, "", stationlog.TPMSilent},
		{"another TPM", m.Booth.TPM.Reset, tpm.ErrOtherTPM, "", stationlog.OtherTPM},
	} {
		c.set()
		err := startOnce(m)
		if !errors.Is(err, c.why) || !strings.Contains(err.Error(), "opening the station's key: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
		if e := lastEntry(t, m); e.Event != stationlog.KeyNotUnsealed || !slices.Equal(e.Details, []stationlog.Detail{stationlog.Sealed(c.log)}) {
			t.Errorf("%s: the log says %v %v", c.name, e.Event, e.Details)
		}
	}
	// A key that is sealed as it should be, and is another station's.
	foreign([]byte(stranger.Export()))()
	if err := startOnce(m); err == nil || !strings.Contains(err.Error(), "reading the package") {
		t.Errorf("another station's key: %v", err)
	}
}

// TestReseal: after an update the station's key is sealed anew, by whoever has it, on a machine that was provisioned,
// and only where the former file is away. Votes and log stay.
func TestReseal(t *testing.T) {
	m, key := sealedMachine(t, record.TestDeck)
	if err := m.Config.Reseal(key, stationtest.Day); err == nil || !strings.Contains(err.Error(), "was not provisioned") {
		t.Errorf("before it was provisioned: %v", err)
	}
	m.Provision(t, record.Hash{})
	m.Booth.TPM.Restart()
	m.Booth.TPM.ExtendPCR(7) // the update
	if err := startOnce(m); !errors.Is(err, tpm.ErrMeasurement) {
		t.Errorf("after the update: %v", err)
	}
	if err := m.Config.Reseal(key, stationtest.Day); !errors.Is(err, os.ErrExist) {
		t.Errorf("over the former file: %v", err)
	}
	must(t, os.Remove(m.Config.Key.File))
	stranger, err := provisioning.GenerateKey(bytes.NewReader(make([]byte, 32)))
	must(t, err)
	if err := m.Config.Reseal(stranger, stationtest.Day); err == nil || !strings.Contains(err.Error(), "reading the package") {
		t.Errorf("another station's key: %v", err)
	}
	if _, err := os.Stat(m.Config.Key.File); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("another station's key was sealed: %v", err)
	}
	must(t, m.Config.Reseal(key, stationtest.Day))
	if e := lastEntry(t, m); e.Event != stationlog.KeySealed {
		t.Errorf("the log says %v", e.Event)
	}
	must(t, startOnce(m))
	m.Config.Key = kiosk.Key{File: m.Path("station.age")}
	if err := m.Config.Reseal(key, stationtest.Day); !errors.Is(err, kiosk.ErrNoTPM) {
		t.Errorf("without a TPM: %v", err)
	}
}

// TestLiveTakesNoEmulatedTPM: neither to seal nor to open.
func TestLiveTakesNoEmulatedTPM(t *testing.T) {
	m, key := sealedMachine(t, record.Live)
	if _, err := kiosk.Provision(m.Config, key, record.Hash{}, stationtest.Day); !errors.Is(err, tpm.ErrVirtual) {
		t.Errorf("provisioning: %v", err)
	}
	if _, err := os.Stat(m.Config.Key.File); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was sealed: %v", err)
	}
	must(t, m.Config.SealKey(key, true))
	must(t, os.WriteFile(m.Config.DatabaseConfig().Main, nil, 0o600)) // as if it had been provisioned
	if err := startOnce(m); !errors.Is(err, tpm.ErrVirtual) {
		t.Errorf("starting: %v", err)
	}
}

// BenchmarkStart is a whole start of the kiosk, of all devices: with the key from the TPM (swtpm), and
// from a file under a passphrase at the tests' work factor, which is far below the real one.
func BenchmarkStart(b *testing.B) {
	b.Run("tpm", func(b *testing.B) {
		m, _ := sealedMachine(b, record.TestDeck)
		m.Provision(b, record.Hash{})
		for b.Loop() {
			must(b, startOnce(m))
		}
	})
	b.Run("passphrase", func(b *testing.B) {
		m := kiosktest.New(b, record.TestDeck, 3)
		m.Provision(b, record.Hash{})
		for b.Loop() {
			k, err := kiosk.Start(m.Config, m.Options())
			must(b, err)
			must(b, k.Close())
		}
	})
}
