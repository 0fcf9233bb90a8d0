package kiosk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/openreferendum/referendum/hardware/voice/voicetest"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

// TestSelfTestListens: where a voice is configured, the self test finds one that
// nobody would hear. It hides nothing else, and what the log says is of the other
// parts.
func TestSelfTestListens(t *testing.T) {
	const espeak = "/usr/bin/espeak-ng"
	if _, err := os.Stat(espeak); err != nil {
		t.Fatalf("%v: install the Debian package espeak-ng", err)
	}
	m := kiosktest.New(t, record.Rehearsal, 3)
	m.Provision(t, record.Hash{})
	player := func(b voicetest.Behaviour) []string {
		path, err := voicetest.Program(t.TempDir(), b)
		must(t, err)
		return []string{path}
	}
	for _, c := range []struct {
		name   string
		voice  *kiosk.Voice
		opened func() error
		ok     bool
	}{
		{"no sound card", &kiosk.Voice{Program: espeak, Player: player(voicetest.Dies)}, nil, false},
		{"no program", &kiosk.Voice{Program: filepath.Join(m.Dir, "espeak-ng"), Player: player(voicetest.Keeps)}, nil, false},
		{"an open voice that is lost", &kiosk.Voice{Program: espeak, Player: player(voicetest.Keeps)}, func() error { return errors.New("gone") }, false},
		{"an open voice", &kiosk.Voice{Program: espeak, Player: player(voicetest.Dies)}, func() error { return nil }, true},
		{"a good voice", &kiosk.Voice{Program: espeak, Player: player(voicetest.Keeps)}, nil, true},
	} {
		m.Config.Voice = c.voice
		o := m.Options()
		o.CheckVoice = c.opened
		found := false
		for _, f := range kiosk.SelfTest(m.Config, o) {
			switch {
			case f.Part != "voice":
				if !f.OK {
					t.Errorf("%s: %v", c.name, f)
				}
				continue
			case f.OK != c.ok, !f.OK && (f.Code != "voice-lost" || f.What == "" || f.Do == "" || f.Grave):
				t.Errorf("%s: %+v", c.name, f)
			}
			found = true
		}
		if !found {
			t.Errorf("%s: nobody has listened", c.name)
		}
	}
	entries := said(t, m)
	if n := count(entries, stationlog.SelfTestFailed); n != 0 {
		t.Errorf("%d lines of parts that have failed", n)
	}
	if n := count(entries, stationlog.SelfTestPassed); n != 5 {
		t.Errorf("%d lines of parts that work", n)
	}
	m.Config.Voice = nil
	for _, f := range kiosk.SelfTest(m.Config, m.Options()) {
		if f.Part == "voice" {
			t.Errorf("without a voice: %v", f)
		}
	}
}
