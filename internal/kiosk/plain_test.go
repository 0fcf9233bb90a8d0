package kiosk_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// jargon is what poll workers should never read.
var jargon = regexp.MustCompile(`\b(lstat|open|dial unix|scard|eid|syscall|fork/exec|read): |%!|\{|0x|\bnil\b|\[[a-z-]+\]`)

// TestPlain: errors are said in words for people, with what they can do.
func TestPlain(t *testing.T) {
	missing := &fs.PathError{Op: "lstat", Path: "/srv/second", Err: os.ErrNotExist}
	for name, c := range map[string]struct {
		err      error
		what, do string
	}{
		"a path":   {fmt.Errorf("opening the database: mirror: %w", missing), "opening the database: mirror: /srv/second: it is not there", ""},
		"a reader": {fmt.Errorf("opening: %w: scard: Service not available", eid.ErrNoReader), "no card reader answers, or none that the configuration names", "plug the card reader in; technicians: pcscd must run"},
		"a page":   {fmt.Errorf("cutting: %w", &printer.Error{Fault: printer.CoverOpen}), "its cover is open", printer.CoverOpen.Do()},
		"a panel":  {fmt.Errorf("switching a light: %w", panel.ErrLost), "the panel does not answer", "look at the panel's cable, and that it has power"},
		"others":   {errors.New("something else"), "something else", ""},
	} {
		if what, do := kiosk.Plain(c.err); what != c.what || do != c.do {
			t.Errorf("%s: %q, %q", name, what, do)
		}
	}
	for f := printer.PaperOut; f <= printer.Refused; f++ {
		if words := kiosk.PrinterWords(f); !strings.HasPrefix(words, "it") {
			t.Errorf("%v: %q", f, words)
		}
	}
	for w := panel.StuckInWindow; w <= panel.StuckGate; w++ {
		if _, do := kiosk.Plain(fmt.Errorf("dropping: %w", &panel.StuckError{Where: w, To: panel.ToBox, Line: panel.BoxDrop})); do == "" {
			t.Errorf("a slip that is stuck, %d: nothing to do", w)
		}
	}
}

// TestSelfTestWords: whatever is broken, the report is in words, says what to do,
// and looks at every part.
func TestSelfTestWords(t *testing.T) {
	m := kiosktest.New(t, record.Rehearsal, 3)
	parts := 0
	check := func(name, part, what, do string) {
		t.Helper()
		report := kiosk.SelfTest(m.Config, m.Options())
		if parts = max(parts, len(report)); len(report) != parts {
			t.Errorf("%s: %d parts instead of %d", name, len(report), parts)
		}
		found := false
		for _, f := range report {
			if jargon.MatchString(f.What+f.Do) || (f.Do == "") != f.OK {
				t.Errorf("%s: %+v", name, f)
			}
			found = found || f.Part == part && !f.OK && strings.Contains(f.What, what) && strings.Contains(f.Do, do)
		}
		if !found {
			t.Errorf("%s: not found in %+v", name, report)
		}
	}
	check("before it is provisioned", "log", "was not provisioned", "kiosk provision")
	m.Provision(t, record.Hash{})
	must(t, os.Rename(m.Config.Folders[1], m.Path("away")))
	check("the second medium is away", "database", "it is not there", "station.md")
	must(t, os.Rename(m.Path("away"), m.Config.Folders[1]))
	running, err := kiosk.Start(m.Config, m.Options())
	must(t, err)
	if report := kiosk.SelfTest(m.Config, m.Options()); len(report) != 2 || !strings.Contains(report[1].String(), "kiosk runs on this machine") {
		t.Errorf("while kiosk runs: %v", report)
	}
	must(t, running.Close())
	m.Booth.Slips.Set(func(s *printertest.State) { s.CoverOpen = true })
	check("a cover", "slip printer", "its cover is open", "close the cover")
	must(t, m.Booth.Repair())
	m.Booth.Panel.Set(panel.SlipExit, true)
	check("paper in the window", "panel", "paper stands in the window", "take paper out")
	m.Booth.Panel.Set(panel.SlipExit, false)
	m.Booth.Panel.Refuse(true)
	check("a panel that is away", "panel", "does not answer", "cable")
	m.Booth.Panel.Refuse(false)
	must(t, os.WriteFile(filepath.Join(m.Config.Media.MountAt, "x"), nil, 0o600))
	check("something where media are mounted", "media", "is not empty", "media.mountAt")
	must(t, os.Remove(filepath.Join(m.Config.Media.MountAt, "x")))
	key := m.Config.Key.File
	m.Config.Key.File = m.Path("none")
	check("no key", "key", "it is not there", "bring the key")
	m.Config.Key.File = key
}

// TestHaltSaysWhy: where a slip could not be moved, people read which printer, or
// where the slip is.
func TestHaltSaysWhy(t *testing.T) {
	m, h := opened(t, 3)
	must(t, h.Begin(m.Voter(1)))
	m.Booth.Slips.At(300, func() { m.Booth.Slips.Set(func(s *printertest.State) { s.CoverOpen = true }) })
	must(t, h.K.Choose([]int{1, 1}))
	if v := h.K.View(); v.State.At != station.Halted || v.Troubles[stationlog.Printer].Fault != printer.CoverOpen || v.Done != "" {
		t.Errorf("a cover in the middle of a slip: %+v", v)
	}
	must(t, h.Mend())
	must(t, h.Begin(m.Voter(1)))
	must(t, h.Choose([]int{1, 1}))
	m.Booth.Chute.Jam(true)
	h.K.Cast()
	v := h.K.View()
	if _, do := kiosk.Plain(v.Problem); v.State.At != station.Halted || !strings.Contains(do, "still in it") {
		t.Errorf("a slip that jams: %v, %q", v.Problem, do)
	}
	must(t, h.Booth.Repair())
	must(t, h.Until("the card is out", func(v kiosk.View) bool { return !v.CardIn }))

	// A restart that fails can be done again.
	second := filepath.Join(m.Config.Folders[1], "station.db")
	must(t, os.Rename(second, second+"x"))
	if err := h.Do(kiosk.Restart); err == nil {
		t.Error("started again with one copy")
	}
	must(t, os.Rename(second+"x", second))
	must(t, h.Do(kiosk.Restart))
	must(t, h.Do(kiosk.Resume))
	if v := h.K.View(); v.Problem != nil || len(v.Troubles) != 0 || len(m.Booth.Box()) != 1 {
		t.Errorf("after it was mended: %+v", v)
	}
}

// TestRecreate: a lost medium is made again, database and log, and the station
// goes on where it was; nothing that is there is replaced.
func TestRecreate(t *testing.T) {
	for lost := range 2 {
		t.Run(fmt.Sprint(lost+1), func(t *testing.T) {
			m, h := opened(t, 3)
			must(t, h.Begin(m.Voter(1)))
			must(t, h.Choose([]int{1, 1}))
			must(t, h.Cast())
			must(t, h.K.Close())
			recreate := func() ([]string, error) {
				return kiosk.Recreate(m.Config, m.World.Election.ID, lost, stationtest.Day)
			}
			if written, err := recreate(); !errors.Is(err, fs.ErrExist) || len(written) > 0 {
				t.Errorf("nothing was lost: %q, %v", written, err)
			}
			folder := m.Config.Folders[lost]
			must(t, os.RemoveAll(folder))
			must(t, os.Mkdir(folder, 0o700))
			if written, err := recreate(); err != nil || len(written) != 2 {
				t.Fatalf("wrote %q, %v", written, err)
			}
			must(t, os.Remove(filepath.Join(folder, "station.log"))) // as if cut off in between
			if written, err := recreate(); err != nil || len(written) != 1 {
				t.Fatalf("wrote %q, %v", written, err)
			}
			k, err := kiosk.Start(m.Config, m.Options())
			must(t, err)
			h.K = k
			must(t, h.Do(kiosk.Resume))
			if n, err := k.Counts(); err != nil || n.Cast != 1 {
				t.Errorf("%+v, %v", n, err)
			}
		})
	}
}
