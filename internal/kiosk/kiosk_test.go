package kiosk_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLiveTakesNothingVirtual: no setting makes a live vote take a device that
// no hardware is behind.
func TestLiveTakesNothingVirtual(t *testing.T) {
	m := kiosktest.New(t, record.Live, 3)
	m.Provision(t, record.Hash{})
	if _, err := kiosk.Start(m.Config, m.Options()); !errors.Is(err, kiosk.ErrVirtual) {
		t.Errorf("a live vote with a bench: %v", err)
	}
	for _, f := range kiosk.SelfTest(m.Config, m.Options()) {
		// Both copies of the database are on one disk here.
		if bad := f.Part == "card reader" || f.Part == "panel" || f.Part == "database"; bad && (f.OK || f.Do == "") {
			t.Errorf("%s of a live vote: %+v", f.Part, f)
		}
	}
}

// TestSelfTest breaks one part after the other: each is found, and hides no
// other.
func TestSelfTest(t *testing.T) {
	m := kiosktest.New(t, record.Rehearsal, 3)
	bad := func() []string {
		var parts []string
		for _, f := range kiosk.SelfTest(m.Config, m.Options()) {
			if !f.OK {
				parts = append(parts, f.Part)
			}
		}
		return parts
	}
	if got := bad(); !slices.Equal(got, []string{"database", "log"}) {
		t.Errorf("before it is provisioned: %q", got)
	}
	m.Provision(t, record.Hash{})
	if got := bad(); len(got) > 0 {
		t.Fatalf("a good machine: %q", got)
	}
	m.Booth.Slips.Set(func(s *printertest.State) { s.CoverOpen = true })
	m.Booth.Receipts.Set(func(s *printertest.State) { s.PaperEnd = true })
	m.Booth.Panel.Set(panel.BoxDoor, true)
	must(t, m.Booth.KillDaemon())
	if got := bad(); !slices.Equal(got, []string{"card reader", "slip printer", "receipt printer", "panel"}) {
		t.Errorf("found %q", got)
	}
	must(t, m.Booth.Repair())
	if got := bad(); len(got) > 0 {
		t.Errorf("repaired: %q", got)
	}
	must(t, os.Remove(filepath.Join(m.Config.Folders[1], "station.db")))
	if got := bad(); !slices.Equal(got, []string{"database"}) {
		t.Errorf("a copy is lost: %q", got)
	}
	m.Config.Reader.Voter = json.RawMessage(`{"name": "x", "interface": "pkcs11", "module": "/nowhere/card.so", "key": "", "pin": "once", "minPIN": 4, "maxPIN": 8,
		"keyTypes": ["rsa"], "holder": {"attribute": "serialNumber", "prefix": ""}}`)
	if got := bad(); !slices.Equal(got, []string{"card reader", "database"}) {
		t.Errorf("a module that is not there: %q", got)
	}
	m.Config.Reader.Voter = json.RawMessage(`"piv"`)
	m.Config.Key.File = m.Path("passphrase")
	if got := bad(); !slices.Equal(got, []string{"key", "package", "database"}) {
		t.Errorf("a file that is no key: %q", got)
	}
}

// opened is a machine whose polls are open.
func opened(t testing.TB, voters int) (*kiosktest.Machine, *kiosktest.Hands) {
	t.Helper()
	m := kiosktest.New(t, record.TestDeck, voters)
	m.Provision(t, record.Hash{})
	h := m.Start(t)
	must(t, h.Do(kiosk.Open))
	return m, h
}

// TestTwoWorkers: an act is done when as many different poll workers of this
// station have signed as it needs, and not before.
func TestTwoWorkers(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Provision(t, record.Hash{})
	h := m.Start(t)
	stranger, err := kiosktest.OfficialCard(stationtest.NewWorld(record.TestDeck, 1).Key, 9) // the station's own key is no official's
	must(t, err)
	must(t, h.K.Begin(kiosk.Open))
	if err := h.K.Begin(kiosk.Open); err == nil {
		t.Error("two acts at once")
	}
	for _, wrong := range []struct {
		name string
		card *eidtest.Card
		pin  string
	}{
		{"a voter's card", m.Voter(1), ""},
		{"a card of no official", stranger, eidtest.DefaultPIN},
		{"a wrong PIN", h.Officials[0], "000000"},
	} {
		must(t, h.Show(wrong.card, wrong.pin))
		if v := h.K.View(); v.Act != kiosk.Open || len(v.Have) != 0 || v.State.At != station.Unopened {
			t.Fatalf("%s: %+v", wrong.name, v)
		}
	}
	for range 2 {
		must(t, h.Show(h.Officials[1], eidtest.DefaultPIN))
	}
	if v := h.K.View(); v.Act != kiosk.Open || !slices.Equal(v.Have, []int{2}) || v.State.At != station.Unopened {
		t.Fatalf("one official twice: %+v", v)
	}
	must(t, h.K.Sign(m.World.Officials[2])) // the key of official 3 is in a file
	if v := h.K.View(); v.State.At != station.Idle || v.Done != kiosk.Open {
		t.Fatalf("two officials: %+v", v)
	}
	if got := len(m.Booth.Receipts.Pieces()); got != 1 {
		t.Errorf("%d tapes", got)
	}
}

// TestNotNow: what is not possible is refused before a poll worker is asked to
// come, and changes nothing.
func TestNotNow(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Provision(t, record.Hash{})
	h := m.Start(t)
	for _, a := range []kiosk.Act{kiosk.Resume, kiosk.Restart, kiosk.Clear, kiosk.Close, kiosk.Reprint} {
		if err := h.K.Begin(a); !errors.Is(err, machine.ErrNotNow) {
			t.Errorf("%s before the polls are open: %v", a, err)
		}
	}
	if err := h.K.Begin("dance"); err == nil {
		t.Error("an act that there is not was begun")
	}
	if err := h.K.Export(kiosk.Medium{Number: 1, Source: m.Dir}); !errors.Is(err, machine.ErrNotNow) {
		t.Errorf("an export before the polls are closed: %v", err)
	}
	if err := h.K.EnterPIN("123456"); err == nil {
		t.Error("a PIN without a card was taken")
	}
	if err := h.K.Sign(m.World.Officials[0]); err == nil {
		t.Error("a signature for nothing was taken")
	}
	m.Booth.Panel.Set(panel.RearDoor, true)
	must(t, h.Until("the door is noticed", func(v kiosk.View) bool { return len(v.Tampered) == 1 }))
	if err := h.K.Begin(kiosk.Open); err == nil {
		t.Error("polls may be opened with an open door")
	}
}

// TestCardsRefused: whose card is not taken sees why, and nothing happens.
func TestCardsRefused(t *testing.T) {
	for _, profile := range []string{"piv", "opensc"} {
		t.Run(profile, func(t *testing.T) {
			m := kiosktest.New(t, record.TestDeck, 3)
			m.Config.Reader.Voter = json.RawMessage(`"` + profile + `"`)
			m.Provision(t, record.Hash{})
			h := m.Start(t)
			must(t, h.Do(kiosk.Open))
			cardsRefused(t, m, h)
		})
	}
}

func cardsRefused(t *testing.T, m *kiosktest.Machine, h *kiosktest.Hands) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	others := stationtest.NewAuthority("another authority").IssueFor(key, stationtest.HolderOf(1), kiosktest.Validity).Certificate.Raw
	for _, c := range []struct {
		name string
		card *eidtest.Card
		want station.Reason
	}{
		{"nobody on the roll", m.Card("Z999999999"), station.NotOnRoll},
		{"revoked", kiosktest.Slot9A(key, m.World.Cards[0].Certificate.Raw), station.RevokedCard},
		{"another's certificate", kiosktest.Slot9A(key, m.World.Cards[1].Certificate.Raw), station.WrongSignature},
		{"of another authority", kiosktest.Slot9A(key, others), station.UntrustedCard},
		{"not for authentication", m.CardWith(stationtest.HolderOf(1), func(c *x509.Certificate) {
			kiosktest.Validity(c)
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
		}), station.UnfitCard},
		{"expired a week ago", m.CardWith(stationtest.HolderOf(1), func(c *x509.Certificate) { c.NotAfter = stationtest.Day.AddDate(0, 0, -7) }), station.ExpiredCard},
		{"an official's", m.Officials[0], station.UnreadableCard},
	} {
		must(t, h.Booth.Cards.Insert(c.card))
		must(t, h.Until("the card is refused, or asked for its PIN", func(v kiosk.View) bool { return v.Ask == kiosk.VoterPIN || v.State.At == station.Refused }))
		if h.K.View().Ask == kiosk.VoterPIN {
			must(t, h.K.EnterPIN(eidtest.DefaultPIN))
		}
		if v := h.K.View(); v.State.At != station.Refused || v.State.Refusal != c.want {
			t.Errorf("%s: %v, %v", c.name, v.State.At, v.State.Refusal)
		}
		must(t, h.Leave())
	}
	if n, err := h.K.Counts(); err != nil || n.Sessions != 0 {
		t.Errorf("%d sessions, %v", n.Sessions, err)
	}
}

// TestBlockedPIN: after three wrong PINs the card is blocked; the voter has not
// voted, and the next one votes.
func TestBlockedPIN(t *testing.T) {
	m, h := opened(t, 3)
	card := m.Voter(1)
	must(t, h.Insert(card))
	for left := 2; left >= 0; left-- {
		must(t, h.K.EnterPIN("000000"))
		if v := h.K.View(); !v.WrongPIN || v.Tries != left || v.Blocked != (left == 0) {
			t.Fatalf("%d tries left: %+v", left, v)
		}
	}
	must(t, h.K.EnterPIN(eidtest.DefaultPIN))
	if v := h.K.View(); !v.Blocked || v.State.At != station.Idle {
		t.Errorf("the right PIN of a blocked card: %+v", v)
	}
	must(t, h.Leave())
	must(t, h.Insert(card))
	if v := h.K.View(); !v.Blocked {
		t.Errorf("a blocked card put in again: %+v", v)
	}
	must(t, h.Leave())
	must(t, h.Begin(m.Voter(2)))
	must(t, h.Choose([]int{1, 2}))
	must(t, h.Cast())
}

// TestCloseAndExport: the wrong medium, the full one and the one that is pulled
// never pass for the right one; afterwards both media hold the bundle and the
// signed log.
func TestCloseAndExport(t *testing.T) {
	m, h := opened(t, 3)
	must(t, h.Begin(m.Voter(1)))
	must(t, h.Choose([]int{3, 0}))
	must(t, h.Cast())
	must(t, h.Do(kiosk.Close))
	must(t, h.Do(kiosk.Reprint))

	blank, other := t.TempDir(), t.TempDir()
	prepare := func(dir string, number int) {
		c, err := m.Config.MediumConfig(m.World.Election, number)
		must(t, err)
		must(t, media.Prepare(dir, c))
	}
	prepare(other, 2)
	for name, c := range map[string]struct {
		source string
		want   error
	}{
		"a medium that nobody labelled":  {blank, media.ErrNotLabelled},
		"the second medium as the first": {other, media.ErrOtherLabel},
		"a medium that is not there":     {filepath.Join(blank, "none"), media.ErrAbsent},
	} {
		err := h.Export(kiosk.Medium{Number: 1, Source: c.source})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(c.source, stationtest.Station)); err == nil {
			t.Errorf("%s: holds a bundle", name)
		}
	}
	if v := h.K.View(); v.Exported != [2]bool{} {
		t.Errorf("exported: %v", v.Exported)
	}
	first := t.TempDir()
	prepare(first, 1)
	must(t, h.Export(kiosk.Medium{Number: 1, Source: first}))
	must(t, h.Export(kiosk.Medium{Number: 2, Source: other}))
	must(t, h.Export(kiosk.Medium{Number: 2, Source: other})) // again: nothing is replaced
	for _, dir := range []string{first, other} {
		entries, err := os.ReadDir(filepath.Join(dir, stationtest.Station))
		if err != nil || len(entries) != 4 {
			t.Errorf("%s: %v, %v", dir, entries, err)
		}
	}
	logs, err := filepath.Glob(filepath.Join(other, "*-log-*"))
	if err != nil || len(logs) != 2 {
		t.Errorf("logs on medium 2: %q, %v", logs, err)
	}
}

// TestTamper: a door that opens ends the session and stops the polls; one poll
// worker cannot go on, an open door cannot be cleared.
func TestTamper(t *testing.T) {
	m, h := opened(t, 3)
	must(t, h.Begin(m.Voter(1)))
	must(t, h.Choose([]int{1, 1}))
	m.Booth.Panel.Set(panel.BoxDoor, true)
	must(t, h.Until("the door is noticed", kiosktest.Stopped))
	if got := len(m.Booth.Spoiled()); got != 1 {
		t.Errorf("%d slips in the spoiled bin", got)
	}
	must(t, h.Remove())
	if err := h.K.Begin(kiosk.Resume); err == nil {
		t.Error("the polls may go on with an open door")
	}
	if err := h.Do(kiosk.Clear); err == nil {
		t.Error("an open door was cleared")
	}
	must(t, h.Mend())
	must(t, h.Begin(m.Voter(1)))
	must(t, h.Choose([]int{1, 1}))
	must(t, h.Cast())
}

// TestOtherProgram: a machine does not start with another program than it was
// provisioned for.
func TestOtherProgram(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Provision(t, record.Hash{1})
	_, err := kiosk.Start(m.Config, m.Options())
	if err == nil || !strings.Contains(err.Error(), "software") {
		t.Errorf("another program: %v", err)
	}
}

// TestSealedKey: the TPM gives the station's key to a machine that was started
// as when it was sealed, and to no other; no passphrase is asked for.
func TestSealedKey(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Config.Key = kiosk.Key{File: m.Path("station.sealed"), TPM: m.Booth.TPM.Socket(), PCRs: []int{0, 7}}
	m.Provision(t, record.Hash{})
	o := m.Options()
	o.Passphrase = nil
	start := func() error {
		k, err := kiosk.Start(m.Config, o)
		if err == nil {
			err = k.Close()
		}
		return err
	}
	must(t, start())
	m.Booth.TPM.ExtendPCR(7)
	if err := start(); !errors.Is(err, tpm.ErrMeasurement) {
		t.Errorf("another measurement: %v", err)
	}
	m.Booth.TPM.Restart()
	must(t, start())
	m.Booth.TPM.Reset()
	if err := start(); !errors.Is(err, tpm.ErrOtherTPM) {
		t.Errorf("another TPM: %v", err)
	}
	m.Config.Key = kiosk.Key{File: m.Path("station.age")}
	if err := start(); !errors.Is(err, kiosk.ErrPassphrase) {
		t.Errorf("without TPM and passphrase: %v", err)
	}
}

// TestOldSealedKey: provisioning goes on after one that was interrupted, and
// never with a sealed key that was there before and is another.
func TestOldSealedKey(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Config.Key = kiosk.Key{File: m.Path("station.sealed"), TPM: m.Booth.TPM.Socket(), PCRs: []int{7}}
	other, err := provisioning.GenerateKey(rand.Reader)
	must(t, err)
	key, err := provisioning.ReadKey(m.Path("station.age"), kiosktest.Passphrase)
	must(t, err)
	must(t, m.Config.SealKey(other, true))
	if _, err := kiosk.Provision(m.Config, key, record.Hash{}, stationtest.Day); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("a sealed key of another station: %v", err)
	}
	if _, err := os.Stat(m.Config.DatabaseConfig().Main); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database was begun: %v", err)
	}
	must(t, os.Remove(m.Config.Key.File))
	must(t, m.Config.SealKey(key, true))
	m.Provision(t, record.Hash{})
}

// said reads the machine's log.
func said(t testing.TB, m *kiosktest.Machine) []stationlog.Entry {
	t.Helper()
	r, err := logbook.Read(m.Config.LogPaths(), m.World.Election.ID, stationtest.Station)
	must(t, err)
	return r.Entries
}

func count(entries []stationlog.Entry, e stationlog.Event) (n int) {
	for _, entry := range entries {
		if entry.Event == e {
			n++
		}
	}
	return n
}

// TestClockWentBack: a clock is compared with what the log had before, not with
// the lines that it has made itself since.
func TestClockWentBack(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Provision(t, record.Hash{})
	o := m.Options()
	o.Clock = func() time.Time { return stationtest.Day.Add(-2 * time.Hour) }
	k, err := kiosk.Start(m.Config, o)
	must(t, err)
	wrong, _ := errors.AsType[*station.ClockError](k.View().Clock)
	must(t, k.Close())
	if wrong == nil || wrong.What != stationlog.WentBack || count(said(t, m), stationlog.ClockWrong) != 1 {
		t.Errorf("%v, and the log %v", wrong, said(t, m))
	}
	o.Clock = func() time.Time { return stationtest.Day.Add(-3 * time.Hour) }
	for _, f := range kiosk.SelfTest(m.Config, o) {
		if f.Part == "clock" && f.OK {
			t.Errorf("self test: %+v", f)
		}
	}
}

// TestLogIsOfMachineAndWorkers: whoever presses the button may be a voter, so no line
// says so; what is said once is said once.
func TestLogIsOfMachineAndWorkers(t *testing.T) {
	m, h := opened(t, 3)
	must(t, h.Begin(m.Voter(1)))
	m.Booth.Panel.Set(panel.WorkerButton, true)
	must(t, h.Until("the button is noticed", func(v kiosk.View) bool { return v.WorkerCalled }))
	must(t, h.Choose([]int{1, 1}))
	must(t, h.Cast())
	if entries := said(t, m); count(entries, stationlog.WorkerCalled) != 0 || count(entries, stationlog.KindLoaded) != 1 {
		t.Errorf("the log says %v", entries)
	}
}
