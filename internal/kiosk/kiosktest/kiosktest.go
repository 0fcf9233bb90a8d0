// Package kiosktest is a machine that is ready to be started: a small election,
// its package, key and configuration in a folder, and a booth of emulated
// devices.
package kiosktest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/boothtest"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

// Passphrase is that of the station's key.
const Passphrase = "a test, not a secret"

// A Machine is a machine before it is provisioned.
type Machine struct {
	World     *stationtest.World
	Booth     *boothtest.Booth
	Officials []*eidtest.Card
	Config    *kiosk.Config
	Dir       string // with kiosk.json, station.age, passphrase
}

// New sets a machine up for an election of the given kind. The booth ends with
// the test.
func New(t testing.TB, kind string, voters int) *Machine {
	t.Helper()
	return NewFor(t, stationtest.NewWorld(kind, voters))
}

// NewFor is New for another election.
func NewFor(t testing.TB, w *stationtest.World) *Machine {
	t.Helper()
	m := &Machine{World: w, Dir: t.TempDir()}
	booth, err := boothtest.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := booth.Close(); err != nil {
			t.Error(err)
		}
	})
	m.Booth = booth
	for _, write := range []func() error{m.writePackage, m.writeKey, m.writeConfig, m.issueOfficials} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// Path is a file of the machine's folder.
func (m *Machine) Path(name string) string { return filepath.Join(m.Dir, name) }

func (m *Machine) writePackage() error {
	w := m.World
	manifest, err := record.Marshal(w.Election.Manifest)
	if err != nil {
		return err
	}
	joint, err := record.Marshal(w.Election.JointKey)
	if err != nil {
		return err
	}
	roll, err := record.Marshal(w.Roll)
	if err != nil {
		return err
	}
	ceremony := fstest.MapFS{record.ManifestFile: {Data: manifest}, record.JointKeyFile: {Data: joint}}
	packed, err := provisioning.Pack(ceremony, stationtest.Station, roll, [][]byte{w.Authority.Certificate.Raw}, [][]byte{w.Authority.Revoke(w.Cards[0])})
	if err != nil {
		return err
	}
	files := map[string]durable.Source{}
	for name, b := range packed {
		files[name] = durable.Content(b)
	}
	return durable.WriteFolder(m.Path("package"), files, 0o600)
}

func (m *Machine) writeKey() error {
	key, err := provisioning.GenerateKey(bytes.NewReader(m.World.Key.Seed()))
	if err != nil {
		return err
	}
	if err := provisioning.WriteKey(m.Path("station.age"), key, Passphrase, 10); err != nil {
		return err
	}
	return os.WriteFile(m.Path("passphrase"), []byte(Passphrase+"\n"), 0o600)
}

func (m *Machine) writeConfig() error {
	m.Config = &kiosk.Config{
		Station: stationtest.Station, Package: m.Path("package"), Folders: [2]string{m.Path("disk"), m.Path("second")},
		Key: kiosk.Key{File: m.Path("station.age")}, Reader: kiosk.Reader{Voter: json.RawMessage(`"piv"`), Official: json.RawMessage(`"official"`), Document: "A999999999"},
		SlipPrinter:    kiosk.Printer{Path: m.Booth.SlipPort.Path(), Baud: 115200, Confirm: "process-id", HoldFeed: 160},
		ReceiptPrinter: kiosk.Printer{Path: m.Booth.ReceiptPort.Path(), Baud: 115200, Confirm: "process-id"},
		Panel:          kiosk.Panel{Bench: m.Booth.PanelSocket()}, Media: kiosk.Media{MountAt: m.Path("mnt")},
	}
	for _, dir := range append(m.Config.Folders[:], m.Config.Media.MountAt) {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(m.Config, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(m.Path("kiosk.json"), b, 0o600)
}

// Validity makes the cards valid on the day of the vote and today.
func Validity(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = stationtest.Day.AddDate(-1, 0, 0), stationtest.Day.AddDate(9, 0, 0)
}

// Voter is the card of the i-th voter on the roll. (The certificate of
// World.Cards[0] is revoked; this one is another.)
func (m *Machine) Voter(i int) *eidtest.Card { return m.Card(stationtest.HolderOf(i)) }

// Card is a card of anybody.
func (m *Machine) Card(holder string) *eidtest.Card { return m.CardWith(holder, Validity) }

// CardWith is a card with another certificate than a good one.
func (m *Machine) CardWith(holder string, change func(*x509.Certificate)) *eidtest.Card {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("kiosktest: internal error: " + err.Error())
	}
	return Slot9A(key, m.World.Authority.IssueFor(key, holder, change).Certificate.Raw)
}

// Slot9A is a voter's card with a key and any certificate.
func Slot9A(key crypto.Signer, certificate []byte) *eidtest.Card {
	return eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9A: {Key: key, Certificate: certificate, PIN: eidtest.PINOnce}}})
}

func (m *Machine) issueOfficials() error {
	for i, key := range m.World.Officials {
		card, err := OfficialCard(key, i+1)
		if err != nil {
			return err
		}
		m.Officials = append(m.Officials, card)
	}
	return nil
}

// Provision provisions the machine for the program with the given SHA-256.
func (m *Machine) Provision(t testing.TB, software record.Hash) {
	t.Helper()
	key, err := provisioning.ReadKey(m.Path("station.age"), Passphrase)
	if err == nil {
		_, err = kiosk.Provision(m.Config, key, software, stationtest.Day)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Options are those of a program that runs on the day of the vote.
func (m *Machine) Options() kiosk.Options {
	return kiosk.Options{
		Passphrase: func() (string, error) { return Passphrase, nil }, Clock: func() time.Time { return stationtest.Day },
	}
}

// Start starts a provisioned machine. It is stopped at the end of the test.
func (m *Machine) Start(t testing.TB) *Hands {
	t.Helper()
	k, err := kiosk.Start(m.Config, m.Options())
	if err != nil {
		t.Fatal(err)
	}
	h := &Hands{K: k, Booth: m.Booth, Officials: m.Officials}
	t.Cleanup(func() {
		if err := h.K.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}
