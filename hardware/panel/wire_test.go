package panel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
)

var messages = map[string]panel.Message{
	"panel-bench 1":                 {Verb: panel.Greeting},
	"ready":                         {Verb: panel.Ready},
	"in rear-door 1 0":              {Verb: panel.In, Line: panel.RearDoor, Active: true},
	"in mains-fail 0 1099511627776": {Verb: panel.In, Line: panel.MainsFail, At: (1 << 40) * time.Millisecond},
	"is slip-exit 1 12":             {Verb: panel.Is, Line: panel.SlipExit, Active: true, At: 12 * time.Millisecond},
	"get worker-button":             {Verb: panel.Get, Line: panel.WorkerButton},
	"out solenoid 1":                {Verb: panel.Out, Line: panel.Solenoid, Active: true},
	"ok alive 0":                    {Verb: panel.OK, Line: panel.Alive},
}

var noMessages = []string{
	"", " ", "panel-bench", "panel-bench 2", "panel-bench 1 ", " ready", "READY", "ready\r",
	"in rear-door 1", "in rear-door 2 0", "in rear-door 01 0", "in rear-door 1 00", "in rear-door 1 +5", "in rear-door 1 -5", "in rear-door 1 1e3",
	"in rear-door 1 1099511627777", "in rear-door 1 18446744073709551616", "in rear-door  1 0", "in rear-door 1 0 0", "in\trear-door 1 0",
	"in green 1 0", "is solenoid 1 0", "get red", "out rear-door 1", "ok slip-exit 1", "out solenoid", "out solenoid 1 0", "get", "get slip-exit 1",
	"in front-door 1 0", "in  1 0", "out solenoid \x00", "get slip-exit" + strings.Repeat(" ", 60), strings.Repeat("x", 5000),
}

func TestMessages(t *testing.T) {
	for _, s := range noMessages {
		if m, err := panel.ParseMessage(s); err == nil {
			t.Errorf("%.70q was read as %+v", s, m)
		}
	}
	for s, want := range messages {
		m, err := panel.ParseMessage(s)
		if err != nil || m != want {
			t.Errorf("%q was read as %+v, %v; it is %+v", s, m, err, want)
		}
		if want.String() != s {
			t.Errorf("%+v was written as %q instead of %q", want, want.String(), s)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for s := range messages {
		f.Add(s)
	}
	for _, s := range noMessages {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := panel.ParseMessage(s)
		if err == nil && m.String() != s {
			t.Errorf("two spellings of one message: %q and %q", s, m.String())
		}
	})
}
