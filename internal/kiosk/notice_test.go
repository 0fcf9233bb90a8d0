package kiosk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/hardware/tpm"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// TestExplain: what a device or a file says has its code, however deep it is
// wrapped, and no two meanings share one.
func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		code string
	}{
		{errors.New("something else"), kiosk.Unknown},
		{eid.ErrNoReader, "card-reader-lost"},
		{eid.ErrNoKey, "wrong-card"},
		{station.ErrNotOfficial, "card-not-official"},
		{panel.ErrLost, "panel-lost"},
		{&panel.StuckError{Where: panel.StuckWrongBin}, "slip-wrong-bin"},
		{tpm.ErrMeasurement, "key-measurement"},
		{machine.ErrSoftware, "software-other"},
		{machine.ErrNotNow, "not-now"},
		{media.ErrBusy, "medium-in-use"},
		{&printer.Error{Fault: printer.CoverOpen}, "printer-not-ready"}, // nobody says which
	} {
		n := kiosk.Explain(fmt.Errorf("doing something: %w", c.err))
		if n.Code != c.code || n.What == "" {
			t.Errorf("%v: %+v", c.err, n)
		}
		if !slices.Contains(kiosk.Codes(), n.Code) {
			t.Errorf("%q is not among the codes", n.Code)
		}
	}
	if n := kiosk.Explain(nil); n.Code != "" || n.Grave {
		t.Errorf("no error: %+v", n)
	}
	if n := kiosk.Explain(&station.ClockError{What: stationlog.WentBack}); n.Args["how"] != "went-back" {
		t.Errorf("a clock: %+v", n)
	}
	for _, code := range kiosk.Codes() {
		if code == "" || strings.ToLower(code) != code || strings.ContainsAny(code, " _.") {
			t.Errorf("code %q", code)
		}
	}
}

// TestNotices: devices come before what can wait, and each printer has its codes.
func TestNotices(t *testing.T) {
	v := kiosk.View{
		OnBattery: true, WorkerCalled: true, Tampered: []panel.Line{panel.BoxDoor},
		PaperLow: map[stationlog.Part]bool{stationlog.Printer: true, stationlog.FrontPrinter: false},
		Troubles: map[stationlog.Part]kiosk.Trouble{
			stationlog.FrontPrinter: {Fault: printer.PaperOut}, stationlog.Printer: {}, stationlog.CardReader: {Err: errors.New("no answer")},
		},
	}
	var codes []string
	all := v.Notices()
	for _, n := range all {
		codes = append(codes, n.Code)
	}
	want := []string{"tampered", "card-reader-lost", "slip-printer-not-ready", "receipt-printer-paper-out", "worker-called", "on-battery", "paper-low-slips"}
	if !slices.Equal(codes, want) {
		t.Errorf("%q, want %q", codes, want)
	}
	if all[0].Args["switch"] != string(panel.BoxDoor) {
		t.Errorf("a door: %+v", all[0])
	}
	for i := 1; i < len(all); i++ {
		if all[i].Grave && !all[i-1].Grave {
			t.Errorf("%q is graver than %q before it", all[i].Code, all[i-1].Code)
		}
	}
	for f := printer.NoFault; f <= printer.Refused; f++ {
		v := kiosk.View{Troubles: map[stationlog.Part]kiosk.Trouble{stationlog.Printer: {Fault: f}}}
		if n := v.Notices()[0]; !slices.Contains(kiosk.Codes(), n.Code) || n.Code == "slip-printer-" || !n.Grave {
			t.Errorf("%v: %+v", f, n)
		}
	}
}

// TestBehind: what has stopped the station has a code, and is not said twice.
func TestBehind(t *testing.T) {
	_, h := opened(t, 3)
	if n, is := h.K.View().Behind(); is {
		t.Errorf("nothing has happened: %+v", n)
	}
	v := kiosk.View{State: station.State{At: station.Halted, Fault: station.StorageFault}, Problem: errors.New("writing: no space")}
	if n, is := v.Behind(); !is || n.Code != "storage" || !n.Grave || n.What != "writing: no space" {
		t.Errorf("a disk: %+v", n)
	}
}

// TestHelpButton: the button on the screen does what the panel's does, and an act
// answers it.
func TestHelpButton(t *testing.T) {
	m, h := opened(t, 3)
	must(t, h.Begin(m.Voter(1)))
	h.K.CallWorker()
	if v := h.K.View(); !v.WorkerCalled || v.State.At != station.Choosing {
		t.Errorf("%+v", v)
	}
	h.K.AnswerCall()
	if h.K.View().WorkerCalled {
		t.Error("answered, and still called")
	}
	if n := count(said(t, m), stationlog.WorkerCalled); n != 0 {
		t.Errorf("%d lines of a call that may have been a voter's", n)
	}
	must(t, h.Leave())
}

// clock is a clock whose limits run out when the test says so.
type clock struct{ waiting []limit }

type limit struct {
	after time.Duration
	run   func()
	over  *bool
}

func (c *clock) afterFunc(d time.Duration, f func()) func() {
	over := false
	c.waiting = append(c.waiting, limit{d, f, &over})
	return func() { over = true }
}

// run lets everything that waits for the given time run out.
func (c *clock) run(d time.Duration) {
	for _, l := range c.waiting {
		if l.after == d && !*l.over {
			l.run()
		}
	}
}

// runAll lets also what was stopped run out, as a limit does that met a touch.
func (c *clock) runAll() {
	for _, l := range c.waiting {
		l.run()
	}
}

// TestLate: a voter who does nothing is warned, a touch goes on, and then the
// session is ended without a ballot.
func TestLate(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Provision(t, record.Hash{})
	m.Config.SessionMinutes, m.Config.LateSeconds = 5, 30
	var c clock
	o := m.Options()
	o.AfterFunc = c.afterFunc
	k, err := kiosk.Start(m.Config, o)
	must(t, err)
	h := &kiosktest.Hands{K: k, Booth: m.Booth, Officials: m.Officials}
	t.Cleanup(func() { must(t, k.Close()) })
	must(t, h.Do(kiosk.Open))
	must(t, h.Begin(m.Voter(1)))
	c.run(270 * time.Second)
	must(t, h.Until("the voter is late", func(v kiosk.View) bool { return v.Late }))
	k.Touch()
	if k.View().Late {
		t.Error("touched, and still late")
	}
	stale := clock{waiting: c.waiting[:len(c.waiting)-2]}
	stale.runAll()
	for range 4 {
		select {
		case e := <-k.Events():
			k.Handle(e)
		default:
		}
	}
	if v := k.View(); v.Late || v.State.At != station.Choosing {
		t.Errorf("limits from before the touch: %+v", v)
	}
	c.run(270 * time.Second)
	c.run(300 * time.Second)
	must(t, h.Until("the session has ended", func(v kiosk.View) bool { return v.State.At == station.Idle }))
	if v := k.View(); v.Late || !v.WorkerCalled {
		t.Errorf("nobody is there: late: %v, a poll worker is called: %v", v.Late, v.WorkerCalled)
	}
	if n, err := k.Counts(); err != nil || n.Abandoned != 1 || n.Cast != 0 {
		t.Errorf("%+v, %v", n, err)
	}
	must(t, h.Remove())
}

// TestNeed: the screen says how many poll workers an act takes, and what became of
// those who came.
func TestNeed(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	m.Provision(t, record.Hash{})
	h := m.Start(t)
	must(t, h.K.Begin(kiosk.Open))
	if v := h.K.View(); v.Need != 2 {
		t.Errorf("opening needs %d", v.Need)
	}
	must(t, h.K.Sign(m.World.Officials[0]))
	must(t, h.K.Sign(m.World.Officials[0]))
	if n := kiosk.Explain(h.K.View().Said); n.Code != "signed-already" || n.Args["number"] != "1" {
		t.Errorf("one poll worker twice: %+v", n)
	}
	must(t, h.K.Sign(m.World.Key))
	if n := kiosk.Explain(h.K.View().Said); n.Code != "card-not-official" {
		t.Errorf("a stranger: %+v", n)
	}
	h.K.Cancel()
	if v := h.K.View(); v.Need != 0 {
		t.Errorf("after cancelling: %+v", v)
	}
	m.Booth.Slips.Set(func(s *printertest.State) { s.CoverOpen = true })
	for _, f := range kiosk.SelfTest(m.Config, m.Options()) {
		if !f.OK && f.Code != "log-in-use" {
			t.Errorf("a self test beside the kiosk: %+v", f)
		}
	}
}

// TestGoingOnTakesTwo: one poll worker does not resume, also not one who comes
// twice; nobody's card is needed to stop.
func TestGoingOnTakesTwo(t *testing.T) {
	m, h := opened(t, 3)
	must(t, h.K.Suspend())
	must(t, h.K.Begin(kiosk.Resume))
	for range 2 {
		must(t, h.K.Sign(m.World.Officials[0]))
		if v := h.K.View(); v.State.At != station.Suspended || v.Act != kiosk.Resume || v.Need != 2 {
			t.Fatalf("one poll worker: %+v", v)
		}
	}
	must(t, h.K.Sign(m.World.Officials[1]))
	must(t, h.At(station.Idle))
	must(t, h.Begin(m.Voter(1)))
	must(t, h.Choose([]int{1, 1}))
	m.Booth.Chute.Jam(true)
	h.K.Cast()
	must(t, h.At(station.Halted))
	must(t, h.Booth.Repair())
	must(t, h.Remove())
	must(t, h.K.Begin(kiosk.Restart))
	must(t, h.K.Sign(m.World.Officials[1]))
	must(t, h.At(station.Halted))
	must(t, h.K.Sign(m.World.Officials[2]))
	must(t, h.At(station.Suspended))
}
