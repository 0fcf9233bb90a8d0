package kiosk_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
)

// TestStartAgain: whatever kept a kiosk from starting, it starts in the same
// process as soon as that is mended: no device and no log is held on to.
func TestStartAgain(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	refused := func(name, code string) {
		t.Helper()
		if k, err := kiosk.Start(m.Config, m.Options()); err == nil {
			_ = k.Close()
			t.Fatalf("%s: started", name)
		} else if n := kiosk.Explain(err); n.Code != code {
			t.Errorf("%s: %+v: %v", name, n, err)
		}
	}
	refused("before it is provisioned", "not-provisioned")
	for _, path := range m.Config.LogPaths() {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a start before provisioning has made %s", path)
		}
	}
	m.Provision(t, record.Hash{})
	away := func(path string) func() {
		must(t, os.Rename(path, path+".away"))
		return func() { must(t, os.Rename(path+".away", path)) }
	}
	for _, c := range []struct {
		name, code string
		breaks     func() (mend func())
	}{
		{"no key", "key-absent", func() func() { return away(m.Config.Key.File) }},
		{"no package", "package-wrong", func() func() { return away(m.Config.Package) }},
		{"a copy is away", "storage", func() func() { return away(m.Config.DatabaseConfig().Mirror) }},
		{"a panel that is away", "panel-lost", func() func() {
			m.Booth.Panel.Refuse(true)
			return func() { m.Booth.Panel.Refuse(false) }
		}},
		{"no reader", "card-reader-lost", func() func() {
			must(t, m.Booth.KillDaemon())
			return func() { must(t, m.Booth.Repair()) }
		}},
		{"a printer that is unplugged", "slip-printer-unplugged", func() func() {
			path := m.Config.SlipPrinter.Path
			m.Config.SlipPrinter.Path = m.Path("none")
			return func() { m.Config.SlipPrinter.Path = path }
		}},
		{"the other printer", "receipt-printer-unplugged", func() func() {
			path := m.Config.ReceiptPrinter.Path
			m.Config.ReceiptPrinter.Path = m.Path("none")
			return func() { m.Config.ReceiptPrinter.Path = path }
		}},
	} {
		mend := c.breaks()
		refused(c.name, c.code)
		refused(c.name+", again", c.code)
		mend()
		k, err := kiosk.Start(m.Config, m.Options())
		if err != nil {
			t.Fatalf("%s, mended: %v", c.name, err)
		}
		refused(c.name+": a second kiosk", "log-in-use")
		must(t, k.Close())
	}
	h := m.Start(t)
	must(t, h.Do(kiosk.Open))
	must(t, h.Begin(m.Voter(1)))
	must(t, h.Choose([]int{1, 1}))
	must(t, h.Cast())
	must(t, h.At(station.Idle))
}
