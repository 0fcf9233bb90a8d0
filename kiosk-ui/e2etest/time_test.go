package e2etest

import (
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/station"
)

func late(s *flow.Situation) { s.Late = true }

// TestTime lets a voter stop who is warned, goes on, and then goes away with the
// slip behind the window: nothing is cast, the slip is voided, and a poll worker
// is called.
func TestTime(t *testing.T) {
	if runsElsewhere(t) {
		return
	}
	d := newDay(t, 20, func(c *kiosk.Config) { c.SessionMinutes, c.LateSeconds = 1, 40 })
	d.run(t, "opening", d.open)
	d.idle = time.Minute
	d.run(t, "a voter is warned and goes on", func() {
		d.begin("en", d.m.Voter(1))
		d.touch("take")
		d.sees()
		d.expects(d.say(station.Choosing, cardIn, late))
		d.touch("stay")
		d.expects(d.say(station.Choosing, cardIn))
		d.touch("answer:1")
		d.sees()
		d.answer([]int{2, 0})
		d.print([]int{1, 2, 0})
		d.expects(d.say(station.Deciding, cardIn))
		if d.m.Booth.Panel.Get(panel.Red) {
			t.Error("a poll worker is called to a voter who has gone on")
		}
	})
	d.run(t, "the voter has gone", func() {
		d.expects(d.say(station.Deciding, cardIn, late))
		d.counts.Abandoned++
		d.counts.SlipsVoided++
		d.notices = []flow.Notice{{Code: "worker-called"}}
		d.expects(d.say(station.Idle, cardIn))
		if !d.m.Booth.Panel.Get(panel.Red) {
			t.Error("nobody is called to a voter who has gone")
		}
		if n := len(d.m.Booth.Spoiled()); n != 1 {
			t.Errorf("%d slips are voided", n)
		}
		d.boxFits()
	})
	d.run(t, "a poll worker comes", func() {
		d.remove()
		d.expects(d.say(station.Idle))
		d.touch("workers")
		d.notices = nil
		d.expects(d.say(station.Idle))
		if d.m.Booth.Panel.Get(panel.Red) {
			t.Error("a poll worker who has come is called")
		}
		d.touch("suspend")
		d.expects(d.say(station.Suspended, fault(station.WorkerStopped)))
		d.seesCounts()
	})
}
